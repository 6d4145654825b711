import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { StateFilter } from "./StateFilter";

test("each state can be chosen, and all", () => {
  render(<StateFilter state={null} onChange={vi.fn()} />);
  expect(screen.getAllByRole("option").map((option) => option.textContent)).toEqual([
    "All",
    "Pending",
    "Processing",
    "Done",
    "Failed",
  ]);
  expect(screen.getByLabelText("State")).toHaveDisplayValue("All");
});

test.each([
  [null, "Failed", "failed"],
  ["failed", "All", null],
] as const)("from %s, choosing %s means %s", async (state, name, chosen) => {
  const onChange = vi.fn();
  render(<StateFilter state={state} onChange={onChange} />);
  await userEvent.selectOptions(screen.getByLabelText("State"), name);
  expect(onChange).toHaveBeenCalledExactlyOnceWith(chosen);
});
