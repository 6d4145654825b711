import { useTheme } from "../utils/theme";

/** Turns from the device's colours to light ones, to dark ones and back. */
export function ThemeButton() {
  const [theme, turn] = useTheme();
  return (
    <button type="button" className="button button-plain" onClick={turn}>
      Theme: {theme}
    </button>
  );
}
