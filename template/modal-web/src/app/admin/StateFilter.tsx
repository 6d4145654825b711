import { useId } from "react";
import type { TaskState } from "../utils/api";
import { STATE_NAMES } from "../utils/wording";

interface Props {
  state: TaskState | null;
  onChange: (state: TaskState | null) => void;
}

const STATES = Object.keys(STATE_NAMES) as TaskState[];

/** Chooses the tasks of one state, or all. */
export function StateFilter({ state, onChange }: Props) {
  const id = useId();
  return (
    <div className="filter">
      <label htmlFor={id}>State</label>
      <select
        id={id}
        value={state ?? ""}
        onChange={({ target }) => onChange(STATES.find((each) => each === target.value) ?? null)}
      >
        <option value="">All</option>
        {STATES.map((each) => (
          <option key={each} value={each}>
            {STATE_NAMES[each]}
          </option>
        ))}
      </select>
    </div>
  );
}
