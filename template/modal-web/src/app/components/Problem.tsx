import type { ReactNode } from "react";
import type { ApiError } from "../utils/problem";

interface Props {
  error: ApiError;
  /** What "Try again" does; without it, the person repeats what they did. */
  onRetry?: () => void;
  /** The way on where trying again cannot help. */
  children?: ReactNode;
}

/** What went wrong and what to do about it, read aloud at once. */
export function Problem({ error, onRetry, children }: Props) {
  return (
    <div className="problem" role="alert">
      <p className="problem-detail">{error.message}</p>
      <p>{error.remedy}</p>
      {error.faults.length > 0 && (
        <ul>
          {error.faults.map((fault) => (
            <li key={fault}>{fault}</li>
          ))}
        </ul>
      )}
      {onRetry && (
        <button type="button" className="button" onClick={onRetry}>
          Try again
        </button>
      )}
      {children}
    </div>
  );
}
