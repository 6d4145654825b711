import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { PageHeading } from "./PageHeading";

test("the heading names the page, also in the tab", () => {
  render(<PageHeading>Somewhere</PageHeading>);
  expect(screen.getByRole("heading", { level: 1, name: "Somewhere" })).toBeInTheDocument();
  expect(document.title).toMatch(/^Somewhere · /);
});

test("the heading can be given the focus", () => {
  render(<PageHeading>Somewhere</PageHeading>);
  const heading = screen.getByRole("heading");
  heading.focus();
  expect(heading).toHaveFocus();
});

test("a sentence can introduce the page", () => {
  render(<PageHeading about="What is here.">Somewhere</PageHeading>);
  expect(screen.getByText("What is here.")).toBeInTheDocument();
});
