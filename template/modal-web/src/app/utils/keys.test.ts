import { act, renderHook } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { denyStorage } from "../../testing/storage";
import { forgetKeys, readKey, refuseKey, rememberKey, useKey, useRefusal } from "./keys";
import { ApiError } from "./problem";

const refusal = new ApiError("Unknown key.", "Ask for another.", [], 401);

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

test("a key is there when the page is loaded again", async () => {
  rememberKey("user", "mine");
  vi.resetModules();
  const reloaded = await import("./keys");
  expect(reloaded.readKey("user")).toBe("mine");
  reloaded.forgetKeys();
  vi.resetModules();
  expect((await import("./keys")).readKey("user")).toBeNull();
});

test("where the browser denies its storage, keys last until the page is left", () => {
  denyStorage();
  expect(readKey("user")).toBeNull();
  rememberKey("user", "mine");
  expect(readKey("user")).toBe("mine");
  forgetKeys();
  expect(readKey("user")).toBeNull();
});

test("a key that is refused is forgotten, and why is known until another is given", () => {
  rememberKey("user", "mine");
  rememberKey("admin", "theirs");
  const { result } = renderHook(() => [useRefusal("user"), useRefusal("admin")]);
  expect(result.current).toEqual([null, null]);
  act(() => refuseKey("user", "mine", refusal));
  expect(result.current).toEqual([refusal, null]);
  expect(readKey("user")).toBeNull();
  expect(readKey("admin")).toBe("theirs");
  act(() => rememberKey("user", "new"));
  expect(result.current).toEqual([null, null]);
});

test("forgetting the keys forgets why one was refused", () => {
  rememberKey("user", "mine");
  refuseKey("user", "mine", refusal);
  const { result } = renderHook(() => useRefusal("user"));
  act(forgetKeys);
  expect(result.current).toBeNull();
});

test("the refusal of a former key, which comes late, leaves the new one", () => {
  rememberKey("user", "new");
  refuseKey("user", "former", refusal);
  expect(readKey("user")).toBe("new");
  expect(renderHook(() => useRefusal("user")).result.current).toBeNull();
});
