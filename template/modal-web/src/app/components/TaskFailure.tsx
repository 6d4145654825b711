import { useLocation } from "wouter";
import type { Task } from "../utils/api";
import { useCreateTask } from "../utils/queries";
import { Problem } from "./Problem";

/** Why a task failed, and the way to a new attempt with the same numbers. */
export function TaskFailure({ task: { model, parameters, reason } }: { task: Task }) {
  const [, navigate] = useLocation();
  const { mutate, error, isPending } = useCreateTask(({ id }) => navigate(`/tasks/${id}`));

  const repeat = () => {
    if (!isPending) {
      mutate({ model, parameters });
    }
  };

  return (
    <>
      <div className="problem" role="alert">
        <p className="problem-detail">{reason}</p>
        <button type="button" className="button" aria-disabled={isPending} onClick={repeat}>
          Generate again
        </button>
      </div>
      {error && <Problem error={error} />}
    </>
  );
}
