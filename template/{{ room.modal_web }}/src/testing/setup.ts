import "@testing-library/jest-dom/vitest";
import { cleanup } from "@testing-library/react";
import { afterEach, vi } from "vitest";
import { forgetKeys } from "../app/utils/keys";

afterEach(() => {
  // Testing Library does this by itself only where the test functions are globals.
  cleanup();
  // A test may have taken the storage away.
  vi.restoreAllMocks();
  // What a browser remembers would carry from one test to the next.
  forgetKeys();
  sessionStorage.clear();
  localStorage.clear();
  history.replaceState(null, "", "/");
});
