import { act, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import settings from "../../inference_settings.json";
import { App } from "../app/App";
import type { TaskState } from "../app/utils/api";
import { rememberKey } from "../app/utils/keys";
import { aRow, aTask, json, picture, problem, stubApi } from "../testing/api";

const INTERVAL = settings.poll_interval_s;
const { id } = aTask();

/** Each place that asks again and again: its address, what it asks, and an answer in a state. */
const PLACES = [
  {
    name: "the page of a task",
    address: `/tasks/${id}`,
    request: `GET /api/tasks/${id}`,
    answer: (state: TaskState) => json(aTask({ state })),
  },
  {
    name: "the list of pictures",
    address: "/",
    request: "GET /api/tasks",
    answer: (state: TaskState) =>
      json({ tasks: [aTask({ id: "other" }), aTask({ state })], next: null }),
  },
  {
    name: "the list of all tasks",
    address: "/admin",
    request: "GET /api/admin/tasks",
    answer: (state: TaskState) =>
      json({ tasks: [aTask({ id: "other" }), aTask({ state })], next: null }),
  },
  {
    name: "the audit log",
    address: "/admin",
    request: "GET /api/admin/audit",
    answer: (state: TaskState) =>
      json({ rows: [aRow({ number: 2, state }), aRow({ state: "pending" })], next: null }),
  },
];

async function pass(seconds: number): Promise<void> {
  await act(() => vi.advanceTimersByTimeAsync(seconds * 1000));
}

/** Open a place where answers come one after the other, the last again and again. */
async function open(place: (typeof PLACES)[number], answers: ReturnType<typeof json>[]) {
  const started = Date.now();
  const seconds: number[] = [];
  const rest = [...answers];
  stubApi({
    "GET /api/tasks": json({ tasks: [], next: null }),
    "GET /api/admin/tasks": json({ tasks: [], next: null }),
    "GET /api/admin/audit": json({ rows: [], next: null }),
    [`GET /api/tasks/${id}/picture`]: picture,
    "GET /api/tasks/other/picture": picture,
    [place.request]: (request) => {
      // React Query hands answers on in timers of up to a millisecond.
      seconds.push(Math.round((Date.now() - started) / 100) / 10);
      const next = rest.length > 1 ? rest.shift() : rest[0];
      return next ? next(request) : problem()(request);
    },
  });
  history.replaceState(null, "", place.address);
  render(<App />);
  await pass(0);
  return { seconds };
}

beforeEach(() => {
  vi.useFakeTimers();
  rememberKey("user", "a key");
  rememberKey("admin", "another key");
});

afterEach(() => {
  vi.useRealTimers();
});

describe.each(PLACES)("$name", (place) => {
  test.each(["pending", "processing"] as const)("asks at each interval while %s", async (state) => {
    const { seconds } = await open(place, [place.answer(state)]);
    await pass(3.5 * INTERVAL);
    expect(seconds).toEqual([0, INTERVAL, 2 * INTERVAL, 3 * INTERVAL]);
  });

  test.each(["done", "failed"] as const)("asks no more after %s", async (state) => {
    const { seconds } = await open(place, [place.answer("processing"), place.answer(state)]);
    await pass(20 * INTERVAL);
    expect(seconds).toEqual([0, INTERVAL]);
  });

  test.each(["done", "failed"] as const)("asks once for what is %s already", async (state) => {
    const { seconds } = await open(place, [place.answer(state)]);
    await pass(20 * INTERVAL);
    expect(seconds).toEqual([0]);
  });

  test("asks on when one answer is a failure", async () => {
    const processing = place.answer("processing");
    const { seconds } = await open(place, [processing, problem(500), processing]);
    await pass(2.5 * INTERVAL);
    expect(seconds).toEqual([0, INTERVAL, 2 * INTERVAL]);
  });

  test("asks no more when a person has left", async () => {
    const { seconds } = await open(place, [place.answer("processing")]);
    await pass(1.5 * INTERVAL);
    act(() => history.pushState(null, "", "/nowhere"));
    expect(screen.getByRole("heading", { level: 1 })).toHaveTextContent("Page not found");
    await pass(20 * INTERVAL);
    expect(seconds).toEqual([0, INTERVAL]);
  });

  test("asks no more when the key is forgotten", async () => {
    const { seconds } = await open(place, [place.answer("processing")]);
    await pass(1.5 * INTERVAL);
    fireEvent.click(screen.getByRole("button", { name: "Forget key" }));
    await pass(20 * INTERVAL);
    expect(seconds).toEqual([0, INTERVAL]);
  });
});
