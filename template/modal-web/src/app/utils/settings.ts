import inference from "../../../inference_settings.json";
import type { components } from "./api.gen";

type Schemas = components["schemas"];

/** What a person may choose of one number: its label, its range and its default. */
export type ParameterRange = Schemas["ParameterRange"];

/** The file that the server reads as well, so that no range is typed twice. */
export const settings: Schemas["InferenceSettings"] =
  inference satisfies Schemas["InferenceSettings"];

/** The name of a model for people; a model that is offered no more keeps its id. */
export function modelTitle(model: string): string {
  return settings.models[model]?.title ?? model;
}
