import type { NewTask, Task } from "./api";
import { settings } from "./settings";

/** A form as it is being filled in; numbers stay text, since a field may be empty for a while. */
export interface Draft {
  readonly model: string;
  readonly texts: Readonly<Record<string, string>>;
}

/** A draft with the model's defaults, save where a search (of an address) says something else. */
export function startDraft(model: string, search = new URLSearchParams()): Draft {
  const ranges = Object.entries(settings.models[model]?.parameters ?? {});
  const texts = ranges.map(([name, range]) => [name, search.get(name) ?? String(range.default)]);
  return { model, texts: Object.fromEntries(texts) };
}

/** The draft that an address asks for: `?model=…&size=…`. */
export function draftOfSearch(text: string): Draft {
  const search = new URLSearchParams(text);
  const models = Object.keys(settings.models);
  const model = models.find((each) => each === search.get("model")) ?? models[0] ?? "";
  return startDraft(model, search);
}

/** The address of a form that is filled in like a task. */
export function addressOf({ model, parameters }: Pick<Task, "model" | "parameters">): string {
  const texts = Object.entries(parameters).map(([name, value]) => [name, String(value)]);
  return `/?${new URLSearchParams([["model", model], ...texts])}`;
}

/** What the API is asked for when a draft is sent. */
export function toNewTask({ model, texts }: Draft): NewTask {
  const parameters = Object.entries(texts).map(([name, text]) => [name, Number(text)]);
  return { model, parameters: Object.fromEntries(parameters) };
}
