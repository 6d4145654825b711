import { useLayoutEffect, useState } from "react";

/** Which colours a person wants; "system" are those of the device. */
export type Theme = "system" | "light" | "dark";

const ITEM = "theme";
const FOLLOWING: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };

function storedTheme(): Theme {
  try {
    const stored = localStorage.getItem(ITEM);
    return stored === "light" || stored === "dark" ? stored : "system";
  } catch {
    return "system";
  }
}

function storeTheme(theme: Theme): void {
  try {
    localStorage.setItem(ITEM, theme);
  } catch {
    // A browser may deny all storage; the choice then lasts until the page is left.
  }
}

/** The theme, which the style sheets read from the root element, and what turns to the next one. */
export function useTheme(): [Theme, () => void] {
  const [theme, setTheme] = useState(storedTheme);
  // Before the first paint, so that the page does not flash in other colours.
  useLayoutEffect(() => {
    document.documentElement.dataset.theme = theme;
    storeTheme(theme);
  }, [theme]);
  return [theme, () => setTheme(FOLLOWING[theme])];
}
