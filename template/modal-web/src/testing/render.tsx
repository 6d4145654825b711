import { QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { createQueryClient } from "../app/utils/queries";

/** Show a part of the app that loads data, at an address. */
export function renderAt(address: string, part: ReactNode) {
  history.replaceState(null, "", address);
  return render(<QueryClientProvider client={createQueryClient()}>{part}</QueryClientProvider>);
}
