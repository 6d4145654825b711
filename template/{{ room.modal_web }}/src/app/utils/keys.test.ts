import { act, renderHook } from "@testing-library/react";
import { expect, test } from "vitest";
import { forgetKeys, readKey, rememberKey, useKey } from "./keys";

test("there is no key before one was given", () => {
  expect(readKey("user")).toBeNull();
  expect(readKey("admin")).toBeNull();
});

test("the two keys are kept apart", () => {
  rememberKey("user", "mine");
  rememberKey("admin", "theirs");
  expect(readKey("user")).toBe("mine");
  expect(readKey("admin")).toBe("theirs");
});

test("forgetting leaves none", () => {
  rememberKey("user", "mine");
  rememberKey("admin", "theirs");
  forgetKeys();
  expect(readKey("user")).toBeNull();
  expect(readKey("admin")).toBeNull();
});

test("who uses a key learns of its changes until they leave", () => {
  const { result, unmount } = renderHook(() => useKey("user"));
  expect(result.current).toBeNull();
  act(() => rememberKey("user", "mine"));
  expect(result.current).toBe("mine");
  unmount();
  forgetKeys();
  expect(result.current).toBe("mine");
});
