import { vi } from "vitest";

/** Let the browser deny all storage, as its settings for privacy may. */
export function denyStorage(): void {
  for (const name of ["localStorage", "sessionStorage"] as const) {
    vi.spyOn(window, name, "get").mockImplementation(() => {
      throw new DOMException("Access is denied for this document.", "SecurityError");
    });
  }
}
