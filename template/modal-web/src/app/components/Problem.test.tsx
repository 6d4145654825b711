import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { ApiError } from "../utils/problem";
import { Problem } from "./Problem";

test("a problem is an alert that says what is wrong and what to do", () => {
  render(<Problem error={new ApiError("It broke.", "Mend it.")} />);
  expect(screen.getByRole("alert")).toHaveTextContent("It broke.Mend it.");
  expect(screen.queryByRole("list")).not.toBeInTheDocument();
  expect(screen.queryByRole("button")).not.toBeInTheDocument();
});

test("each value that is not valid is listed", () => {
  render(<Problem error={new ApiError("It broke.", "Mend it.", ["size: big", "seed: odd"])} />);
  expect(screen.getAllByRole("listitem").map((item) => item.textContent)).toEqual([
    "size: big",
    "seed: odd",
  ]);
});

test("where trying again cannot help, the way on is shown", () => {
  render(
    <Problem error={new ApiError("It broke.", "Mend it.")}>
      <a href="/">Home</a>
    </Problem>,
  );
  expect(screen.getByRole("alert")).toContainElement(screen.getByRole("link", { name: "Home" }));
});

test("what can be tried again has a button", async () => {
  const onRetry = vi.fn();
  render(<Problem error={new ApiError("It broke.", "Mend it.")} onRetry={onRetry} />);
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(onRetry).toHaveBeenCalledOnce();
});
