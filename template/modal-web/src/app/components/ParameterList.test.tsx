import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { settings } from "../utils/settings";
import { ParameterList } from "./ParameterList";

test("a parameter has its label and unit", () => {
  const [model = ""] = Object.keys(settings.models);
  const ranges = Object.entries(settings.models[model]?.parameters ?? {});
  const [name, range] = ranges.find(([, { unit }]) => unit) ?? ["", undefined];
  render(<ParameterList model={model} parameters={{ [name]: 64 }} />);
  expect(screen.getByRole("term")).toHaveTextContent(range?.label ?? "?");
  expect(screen.getByRole("definition")).toHaveTextContent(`64 ${range?.unit}`);
});

test("a parameter of a model that is offered no more has its name", () => {
  render(<ParameterList model="bygone" parameters={{ width: 64 }} />);
  expect(screen.getByRole("term")).toHaveTextContent("width");
  expect(screen.getByRole("definition")).toHaveTextContent("64");
});
