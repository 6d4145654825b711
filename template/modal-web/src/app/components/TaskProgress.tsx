import type { Task } from "../utils/api";
import { isActive } from "../utils/polling";

/** How far an active task has come; it moves without a number while the task only waits. */
export function TaskProgress({ state, progress }: Pick<Task, "state" | "progress">) {
  if (!isActive(state)) {
    return null;
  }
  const value = state === "processing" ? progress : undefined;
  return <progress aria-label="Progress" max={100} value={value} />;
}
