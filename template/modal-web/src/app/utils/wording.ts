import type { AuditRow, Task, TaskState } from "./api";
import { modelTitle } from "./settings";

/** Where a task is, in words for the person who waits. */
export function statusText({ state, progress }: Pick<Task, "state" | "progress">): string {
  return {
    pending: "Waiting",
    processing: `Generating, ${progress} %`,
    done: "Done",
    failed: "Failed",
  }[state];
}

/** What a picture shows, for those who cannot see it. */
export function describePicture({ model, parameters }: Pick<Task, "model" | "parameters">): string {
  const size = parameters.size === undefined ? "" : `, ${parameters.size} pixels`;
  const seed = parameters.seed === undefined ? "" : `, seed ${parameters.seed}`;
  return modelTitle(model) + size + seed;
}

/** The name of a state, for those who look after the service. */
export const STATE_NAMES: Record<TaskState, string> = {
  pending: "Pending",
  processing: "Processing",
  done: "Done",
  failed: "Failed",
};

/** The transition that a row of the audit log records. */
export function changeText({ previous, state }: Pick<AuditRow, "previous" | "state">): string {
  return `${previous ? STATE_NAMES[previous] : "New"} → ${STATE_NAMES[state]}`;
}

/** A number with its unit, where it has one. */
export function withUnit(value: number | string, unit: string): string {
  return `${value} ${unit}`.trimEnd();
}

/** A time in the reader's language and time zone. */
export function timeText(iso: string): string {
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
  return format.format(new Date(iso));
}
