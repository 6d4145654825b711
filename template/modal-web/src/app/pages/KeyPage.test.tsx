import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderAt } from "../../testing/render";
import { KeyPage } from "./KeyPage";

test("a person without a key is asked for it", () => {
  renderAt("/", <KeyPage />);
  expect(screen.getByRole("heading", { level: 1, name: "Enter your key" })).toBeInTheDocument();
  expect(screen.getByLabelText("API key")).toBeInTheDocument();
  expect(screen.getByRole("button", { name: "Continue" })).toBeInTheDocument();
});
