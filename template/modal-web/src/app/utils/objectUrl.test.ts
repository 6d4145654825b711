import { renderHook } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";
import { useObjectUrl } from "./objectUrl";

const one = new Blob(["one"]);
const two = new Blob(["two"]);

beforeEach(() => {
  vi.spyOn(URL, "createObjectURL").mockImplementation((blob) =>
    blob === one ? "blob:one" : "blob:two",
  );
  vi.spyOn(URL, "revokeObjectURL").mockReturnValue();
});

test("no data has no address", () => {
  const { result } = renderHook(() => useObjectUrl(undefined));
  expect(result.current).toBeUndefined();
  expect(URL.createObjectURL).not.toHaveBeenCalled();
});

test("data has an address until other data comes", () => {
  const { result, rerender } = renderHook(useObjectUrl, { initialProps: one });
  expect(result.current).toBe("blob:one");
  rerender(two);
  expect(result.current).toBe("blob:two");
  expect(URL.revokeObjectURL).toHaveBeenCalledExactlyOnceWith("blob:one");
});

test("the address is given back at the end", () => {
  const { unmount } = renderHook(() => useObjectUrl(one));
  unmount();
  expect(URL.revokeObjectURL).toHaveBeenCalledExactlyOnceWith("blob:one");
});
