import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import settings from "../../inference_settings.json";
import { App } from "../app/App";
import { rememberKey } from "../app/utils/keys";
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

const { poll_interval_s } = settings;

afterEach(() => {
  settings.poll_interval_s = poll_interval_s;
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
