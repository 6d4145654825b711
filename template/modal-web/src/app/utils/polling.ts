import type { AuditRow, TaskState } from "./api";
import { settings } from "./settings";

/** Whether a task still changes by itself. */
export function isActive(state: TaskState): boolean {
  return state === "pending" || state === "processing";
}

/** How many milliseconds to wait before asking again; false when nothing will change. */
export function pollInterval(states: readonly TaskState[]): number | false {
  return states.some(isActive) ? settings.poll_interval_s * 1000 : false;
}

/** The state of each task that an audit log, the newest row first, speaks of. */
export function latestStates(rows: readonly AuditRow[]): TaskState[] {
  const states = new Map<string, TaskState>();
  for (const { task_id, state } of rows) {
    if (!states.has(task_id)) {
      states.set(task_id, state);
    }
  }
  return [...states.values()];
}
