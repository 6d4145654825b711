import type { Task } from "../utils/api";
import { settings } from "../utils/settings";
import { withUnit } from "../utils/wording";

/** The numbers that a picture was made from. */
export function ParameterList({ model, parameters }: Pick<Task, "model" | "parameters">) {
  const ranges = settings.models[model]?.parameters;
  return (
    <dl className="parameters">
      {Object.entries(parameters).map(([name, value]) => (
        <div key={name}>
          <dt>{ranges?.[name]?.label ?? name}</dt>
          <dd>{withUnit(value, ranges?.[name]?.unit ?? "")}</dd>
        </div>
      ))}
    </dl>
  );
}
