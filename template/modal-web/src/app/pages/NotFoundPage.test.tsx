import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { NotFoundPage } from "./NotFoundPage";

test("an address that leads nowhere shows a way back", () => {
  render(<NotFoundPage />);
  expect(screen.getByRole("heading", { level: 1, name: "Page not found" })).toBeInTheDocument();
  expect(screen.getByRole("link")).toHaveAttribute("href", "/");
});
