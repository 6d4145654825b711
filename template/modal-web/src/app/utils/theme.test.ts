import { act, renderHook } from "@testing-library/react";
import { expect, test } from "vitest";
import { denyStorage } from "../../testing/storage";
import { useTheme } from "./theme";

const shown = () => document.documentElement.dataset.theme;

test("the device's colours come first, then light, dark, and again the device's", () => {
  const { result } = renderHook(useTheme);
  const seen = [shown()];
  for (let turns = 0; turns < 3; turns += 1) {
    act(() => result.current[1]());
    seen.push(shown());
  }
  expect(seen).toEqual(["system", "light", "dark", "system"]);
});

test("the choice is there at the next visit", () => {
  const first = renderHook(useTheme);
  act(() => first.result.current[1]());
  first.unmount();
  expect(renderHook(useTheme).result.current[0]).toBe("light");
});

test("a choice that is unknown is none", () => {
  localStorage.setItem("theme", "plaid");
  expect(renderHook(useTheme).result.current[0]).toBe("system");
});

test("where the browser denies its storage, the choice holds until the page is left", () => {
  denyStorage();
  const { result } = renderHook(useTheme);
  expect(result.current[0]).toBe("system");
  act(() => result.current[1]());
  expect(result.current[0]).toBe("light");
  expect(shown()).toBe("light");
});
