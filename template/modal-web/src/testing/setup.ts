import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterEach, vi } from "vitest";
import { forgetKeys } from "../app/utils/keys";

// A busy machine may take longer than the usual second; what is awaited comes at once elsewhere.
configure({ asyncUtilTimeout: 20_000 });

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
