import { useLayoutEffect, useState } from "react";

/** Which colours a person wants; "system" are those of the device. */
export type Theme = "system" | "light" | "dark";

const ITEM = "theme";
const FOLLOWING: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };

function storedTheme(): Theme {
  const stored = localStorage.getItem(ITEM);
  return stored === "light" || stored === "dark" ? stored : "system";
}

/** The theme, which the style sheets read from the root element, and what turns to the next one. */
export function useTheme(): [Theme, () => void] {
  const [theme, setTheme] = useState(storedTheme);
  // Before the first paint, so that the page does not flash in other colours.
  useLayoutEffect(() => {
    document.documentElement.dataset.theme = theme;
    localStorage.setItem(ITEM, theme);
  }, [theme]);
  return [theme, () => setTheme(FOLLOWING[theme])];
}
