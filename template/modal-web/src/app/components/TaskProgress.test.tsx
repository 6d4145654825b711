import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { TaskProgress } from "./TaskProgress";

test("a task at work shows how far it is", () => {
  render(<TaskProgress state="processing" progress={40} />);
  expect(screen.getByRole("progressbar", { name: "Progress" })).toHaveAttribute("value", "40");
});

test("a task that waits moves without a number", () => {
  render(<TaskProgress state="pending" progress={0} />);
  expect(screen.getByRole("progressbar")).not.toHaveAttribute("value");
});

test.each(["done", "failed"] as const)("a task that is %s has no progress", (state) => {
  render(<TaskProgress state={state} progress={100} />);
  expect(screen.queryByRole("progressbar")).not.toBeInTheDocument();
});
