import { fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, test } from "vitest";
import { ParameterField } from "./ParameterField";

const RANGE = { label: "Width", unit: "cells", min: 0, max: 10, step: 2, default: 4 };

function Field() {
  const [text, setText] = useState("4");
  return <ParameterField range={RANGE} text={text} onChange={setText} />;
}

test("the slider follows the number", async () => {
  render(<Field />);
  const number = screen.getByRole("spinbutton", { name: "Width" });
  await userEvent.clear(number);
  await userEvent.type(number, "8");
  expect(screen.getByRole("slider", { name: "Width" })).toHaveValue("8");
});

test("the number follows the slider", () => {
  render(<Field />);
  fireEvent.change(screen.getByRole("slider", { name: "Width" }), { target: { value: "6" } });
  expect(screen.getByRole("spinbutton", { name: "Width" })).toHaveValue(6);
});

test("the number may be empty while it is typed, but must not stay so", async () => {
  render(<Field />);
  const number = screen.getByRole("spinbutton", { name: "Width" });
  await userEvent.clear(number);
  expect(number).toHaveValue(null);
  expect(number).toBeInvalid();
});

test("the number says what it may be", () => {
  render(<Field />);
  expect(screen.getByRole("spinbutton", { name: "Width" })).toHaveAccessibleDescription(
    "From 0 to 10 cells, in steps of 2.",
  );
});
