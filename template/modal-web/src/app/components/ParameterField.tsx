import { useId } from "react";
import type { ParameterRange } from "../utils/settings";
import { withUnit } from "../utils/wording";

interface Props {
  range: ParameterRange;
  text: string;
  onChange: (text: string) => void;
}

/** One number of a picture: a slider to explore with, and a field to be exact, which agree. */
export function ParameterField({ range, text, onChange }: Props) {
  const id = useId();
  const { label, unit, min, max, step } = range;
  const limits = { min, max, step };
  return (
    <div className="parameter">
      <label id={`${id}-label`} htmlFor={id}>
        {label}
      </label>
      <span className="parameter-number">
        <input
          {...limits}
          id={id}
          type="number"
          inputMode="decimal"
          required
          aria-describedby={`${id}-hint`}
          value={text}
          onChange={(event) => onChange(event.target.value)}
        />
        <span className="quiet">{unit}</span>
      </span>
      <input
        {...limits}
        type="range"
        aria-labelledby={`${id}-label`}
        aria-valuetext={withUnit(text, unit)}
        value={Number(text)}
        onChange={(event) => onChange(event.target.value)}
      />
      <p className="parameter-hint" id={`${id}-hint`}>
        From {min} to {withUnit(max, unit)}, in steps of {step}.
      </p>
    </div>
  );
}
