import { render, renderHook, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { PROJECT_NAME, useFocusOnNavigation, useTitle } from "./navigation";

test("the title names the page, then the project, and follows the page", () => {
  const { rerender } = renderHook(useTitle, { initialProps: "One" });
  expect(document.title).toBe(`One · ${PROJECT_NAME}`);
  rerender("Two");
  expect(document.title).toBe(`Two · ${PROJECT_NAME}`);
});

function View({ name, heading = true }: { name: string; heading?: boolean }) {
  useFocusOnNavigation(name);
  return heading ? <h1 tabIndex={-1}>{name}</h1> : <p>{name}</p>;
}

test("the first view leaves the focus where it is", () => {
  render(<View name="first" />);
  expect(document.body).toHaveFocus();
});

test("another view's heading gets the focus", () => {
  const { rerender } = render(<View name="first" />);
  rerender(<View name="second" />);
  expect(screen.getByRole("heading", { name: "second" })).toHaveFocus();
});

test("a view without a heading is no error", () => {
  const { rerender } = render(<View name="first" heading={false} />);
  rerender(<View name="second" heading={false} />);
  expect(document.body).toHaveFocus();
});
