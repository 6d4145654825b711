import { describe, expect, test } from "vitest";
import { changeText, describePicture, statusText, timeText, withUnit } from "./wording";

test.each([
  ["pending", "Waiting"],
  ["processing", "Generating, 40 %"],
  ["done", "Done"],
  ["failed", "Failed"],
] as const)("a task that is %s reads %j", (state, text) => {
  expect(statusText({ state, progress: 40 })).toBe(text);
});

describe("a picture is described", () => {
  test("by its model, size and seed", () => {
    const parameters = { size: 256, seed: 7, hue: 3 };
    expect(describePicture({ model: "m", parameters })).toBe("m, 256 pixels, seed 7");
  });

  test("with a seed of 0", () => {
    expect(describePicture({ model: "m", parameters: { size: 64, seed: 0 } })).toMatch(/seed 0$/);
  });

  test("by its model alone where it has neither", () => {
    expect(describePicture({ model: "m", parameters: {} })).toBe("m");
  });
});

test("a change goes from one state to the next", () => {
  expect(changeText({ previous: "pending", state: "failed" })).toBe("Pending → Failed");
});

test("a task begins as a new one", () => {
  expect(changeText({ previous: null, state: "pending" })).toBe("New → Pending");
});

test("a number has its unit, or nothing after it", () => {
  expect(withUnit(3, "pixels")).toBe("3 pixels");
  expect(withUnit(3, "")).toBe("3");
});

test("a time is in the reader's own time zone", () => {
  expect(timeText(new Date(2030, 0, 2, 15, 4).toISOString())).toMatch(/2030.*04/);
});
