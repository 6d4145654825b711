import { Link } from "wouter";
import { PageHeading } from "../components/PageHeading";
import { Problem } from "../components/Problem";
import { TaskFailure } from "../components/TaskFailure";
import { TaskProgress } from "../components/TaskProgress";
import { TaskResult } from "../components/TaskResult";
import type { ApiError } from "../utils/problem";
import { useTask } from "../utils/queries";
import { modelTitle } from "../utils/settings";
import { statusText } from "../utils/wording";

/** Why the task cannot be shown; one that is not there will not be there at the next try either. */
function Failure({ error, onRetry }: { error: ApiError; onRetry: () => void }) {
  if (error.status !== 404) {
    return <Problem error={error} onRetry={onRetry} />;
  }
  return (
    <Problem error={error}>
      <Link href="/" className="button">
        Your pictures
      </Link>
    </Problem>
  );
}

/** One picture: how it comes along, then itself. */
export function TaskPage({ id }: { id: string }) {
  const { data: task, error, isPending, refetch } = useTask(id);
  return (
    <article className="task">
      <div className="task-head">
        <PageHeading>{task ? modelTitle(task.model) : "Picture"}</PageHeading>
        {/* Always there, since a screen reader speaks only of changes in what it knows. */}
        <p className={`status state-${task?.state}`} role="status">
          {task && statusText(task)}
          {isPending && "Loading"}
        </p>
        {task && <TaskProgress {...task} />}
        {error && <Failure error={error} onRetry={() => refetch()} />}
        {task?.state === "failed" && <TaskFailure task={task} />}
      </div>
      {isPending && <div className="task-picture frame frame-awaited" />}
      {task && <TaskResult task={task} />}
    </article>
  );
}
