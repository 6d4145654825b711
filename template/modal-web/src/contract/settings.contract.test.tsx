import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { App } from "../app/App";
import { rememberKey } from "../app/utils/keys";
import { type ParameterRange, settings } from "../app/utils/settings";
import { aTask, json, stubApi } from "../testing/api";

/** Ranges that the shipped file does not have, so that whatever is copied from it shows. */
const RANGES = vi.hoisted(() => ({
  grid: { label: "Grid", unit: "cells", min: 10, max: 90, step: 5, default: 35 },
  blur: { label: "Blurring", unit: "", min: -0.5, max: 0.25, step: 0.25, default: -0.25 },
}));

vi.mock("../../inference_settings.json", async (original) => {
  const { default: shipped } = await original<{ default: typeof settings }>();
  const [model] = Object.values(shipped.models);
  const models = {
    first: { ...model, title: "First model", about: "About the first.", parameters: RANGES },
    second: { ...model, title: "Second model", parameters: { blur: RANGES.blur } },
  };
  return { default: { ...shipped, models } };
});

async function pass(milliseconds: number): Promise<void> {
  await act(() => vi.advanceTimersByTimeAsync(milliseconds));
}

async function open(answer = json({ tasks: [], next: null })): Promise<Request[]> {
  const requests = stubApi({ "GET /api/tasks": answer });
  render(<App />);
  await pass(0);
  return requests;
}

beforeEach(() => {
  vi.useFakeTimers();
  rememberKey("user", "a key");
});

const original = { ...settings };

afterEach(() => {
  Object.assign(settings, original);
  vi.useRealTimers();
});

test("there is one field and one slider for each parameter", async () => {
  await open();
  expect(screen.getAllByRole("slider")).toHaveLength(Object.keys(RANGES).length);
  expect(screen.getAllByRole("spinbutton")).toHaveLength(Object.keys(RANGES).length);
});

test.each(
  Object.values(RANGES).flatMap((range) => [
    { role: "slider", ...range },
    { role: "spinbutton", ...range },
  ]),
)("the $role of $label has its label, range and default", async ({ role, label, ...range }) => {
  await open();
  const control = screen.getByRole(role, { name: label });
  expect(control).toHaveAttribute("min", String(range.min));
  expect(control).toHaveAttribute("max", String(range.max));
  expect(control).toHaveAttribute("step", String(range.step));
  expect(control).toHaveValue(role === "slider" ? String(range.default) : range.default);
});

test("the units are those of the settings", async () => {
  await open();
  expect(screen.getByText("cells")).toBeInTheDocument();
  expect(screen.getByRole("slider", { name: "Grid" })).toHaveAttribute(
    "aria-valuetext",
    "35 cells",
  );
});

test("each model is offered by its title, with its own parameters", async () => {
  await open();
  expect(screen.getByText("About the first.")).toBeInTheDocument();
  fireEvent.change(screen.getByRole("combobox", { name: "Model" }), {
    target: { value: "second" },
  });
  expect(screen.getByRole("option", { name: "Second model", selected: true })).toBeInTheDocument();
  expect(screen.queryByRole("slider", { name: "Grid" })).not.toBeInTheDocument();
  expect(screen.getByRole("slider", { name: "Blurring" })).toBeInTheDocument();
});

test("what is sent has the names and the defaults of the settings", async () => {
  const requests = await open();
  fireEvent.click(screen.getByRole("button", { name: "Generate" }));
  await pass(0);
  const sent = requests.find(({ method }) => method === "POST");
  expect(await sent?.json()).toEqual({ model: "first", parameters: { grid: 35, blur: -0.25 } });
});

const shipped = await vi.importActual<{ default: typeof settings }>(
  "../../inference_settings.json",
);

/** Ranges beside the shipped one, on either side, so that whatever stands in for a limit shows. */
const CHANGES: Record<string, (range: ParameterRange) => ParameterRange> = {
  higher: ({ min, max, step, ...rest }) => {
    const low = max + step;
    return { ...rest, min: low, max: low + max - min, step: 2 * step, default: low };
  },
  lower: ({ min, max, step, ...rest }) => {
    const high = min - step;
    return { ...rest, min: high - max + min, max: high, step: step / 2, default: high };
  },
};

/** Each shipped model alone, under its own names, with other ranges. */
const CHANGED = Object.entries(shipped.default.models).flatMap(([id, model]) =>
  Object.entries(CHANGES).map(([direction, change]) => {
    const changed = Object.entries(model.parameters).map(([name, range]) => [name, change(range)]);
    return { id, direction, model: { ...model, parameters: Object.fromEntries(changed) } };
  }),
);

describe.each(CHANGED)("$id with $direction ranges", ({ id, model }) => {
  beforeEach(() => {
    settings.models = { [id]: model };
  });

  test.each(Object.entries<ParameterRange>(model.parameters))(
    "follows that of %s",
    async (name) => {
      await open();
      const { label, min, max, step, default: start } = model.parameters[name];
      for (const role of ["slider", "spinbutton"]) {
        const control = screen.getByRole(role, { name: label });
        expect(control).toHaveAttribute("min", String(min));
        expect(control).toHaveAttribute("max", String(max));
        expect(control).toHaveAttribute("step", String(step));
        expect(control).toHaveValue(role === "slider" ? String(start) : start);
      }
    },
  );

  test("sends its defaults", async () => {
    const requests = await open();
    // Not by the button: Happy DOM finds decimal fractions off their steps, as no browser does.
    fireEvent.submit(screen.getByRole("form", { name: "New picture" }));
    await pass(0);
    const sent = requests.find(({ method }) => method === "POST");
    const ranges = Object.entries<ParameterRange>(model.parameters);
    const parameters = Object.fromEntries(ranges.map(([name, range]) => [name, range.default]));
    expect(await sent?.json()).toEqual({ model: id, parameters });
  });
});

/** Milliseconds from one request of a list to the next; never more than a minute. */
async function intervalWith(seconds: number): Promise<number> {
  settings.poll_interval_s = seconds;
  const requests = await open(json({ tasks: [aTask({ state: "pending" })], next: null }));
  const started = Date.now();
  while (requests.length < 2 && Date.now() < started + 60_000) {
    await pass(100);
  }
  cleanup();
  return Date.now() - started;
}

test("who waits twice as long asks half as often", async () => {
  const once = await intervalWith(2);
  const twice = await intervalWith(4);
  expect(twice / once).toBeCloseTo(2, 1);
});
