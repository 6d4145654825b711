import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { ErrorBoundary } from "./ErrorBoundary";

function Broken(): never {
  throw new Error("It broke.");
}

function showBroken(): void {
  // React writes what it caught there, for developers.
  vi.spyOn(console, "error").mockReturnValue(undefined);
  render(
    <ErrorBoundary>
      <Broken />
    </ErrorBoundary>,
  );
}

test("what works is shown as it is", () => {
  render(<ErrorBoundary>All is well.</ErrorBoundary>);
  expect(screen.getByText("All is well.")).toBeInTheDocument();
  expect(screen.queryByRole("alert")).not.toBeInTheDocument();
});

test("what cannot be shown is told, with what to do", () => {
  showBroken();
  const heading = screen.getByRole("heading", { level: 1, name: "Something went wrong" });
  expect(screen.getByRole("alert")).toContainElement(heading);
  expect(screen.getByRole("alert")).toHaveTextContent("Reload the page.");
  expect(document.title).toMatch(/^Something went wrong/);
});

test("the page can be loaded again", async () => {
  const reload = vi.spyOn(location, "reload").mockReturnValue(undefined);
  showBroken();
  await userEvent.click(screen.getByRole("button", { name: "Reload" }));
  expect(reload).toHaveBeenCalledOnce();
});
