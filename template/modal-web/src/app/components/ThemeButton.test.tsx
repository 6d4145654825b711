import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { ThemeButton } from "./ThemeButton";

test("the button says which colours are shown, and turns to the next", async () => {
  render(<ThemeButton />);
  await userEvent.click(screen.getByRole("button", { name: "Theme: system" }));
  await userEvent.click(screen.getByRole("button", { name: "Theme: light" }));
  expect(screen.getByRole("button", { name: "Theme: dark" })).toBeInTheDocument();
});
