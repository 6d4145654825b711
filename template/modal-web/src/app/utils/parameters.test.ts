import { expect, test } from "vitest";
import { addressOf, draftOfSearch, startDraft, toNewTask } from "./parameters";
import { settings } from "./settings";

const [model = ""] = Object.keys(settings.models);
const [name = ""] = Object.keys(settings.models[model]?.parameters ?? {});

test("a number of the address replaces the default", () => {
  expect(startDraft(model, new URLSearchParams([[name, "99"]])).texts[name]).toBe("99");
});

test("what the address knows beside is left out", () => {
  const { texts } = startDraft(model, new URLSearchParams("stranger=1"));
  expect(texts).not.toHaveProperty("stranger");
});

test("a model that is not offered has nothing to choose", () => {
  expect(startDraft("bygone")).toEqual({ model: "bygone", texts: {} });
});

test("an address without a model, or with one that is not offered, means the first", () => {
  expect(draftOfSearch("").model).toBe(model);
  expect(draftOfSearch("model=bygone").model).toBe(model);
});

test("a task's address leads to a form that sends the same task", () => {
  const { texts } = startDraft(model);
  const parameters = Object.fromEntries(Object.keys(texts).map((each, index) => [each, index]));
  const { search } = new URL(addressOf({ model, parameters }), location.origin);
  expect(toNewTask(draftOfSearch(search))).toEqual({ model, parameters });
});
