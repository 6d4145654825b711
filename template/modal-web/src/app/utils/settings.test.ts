import { expect, test } from "vitest";
import { modelTitle, settings } from "./settings";

test("a model is called by its title", () => {
  const [[id, { title }] = ["", { title: "none" }]] = Object.entries(settings.models);
  expect(modelTitle(id)).toBe(title);
});

test("a model that is offered no more is called by its id", () => {
  expect(modelTitle("bygone")).toBe("bygone");
});
