import { Link } from "wouter";
import type { Task } from "../utils/api";
import { addressOf } from "../utils/parameters";
import { usePicture } from "../utils/queries";
import { timeText } from "../utils/wording";
import { ParameterList } from "./ParameterList";
import { PictureFrame } from "./PictureFrame";
import { Problem } from "./Problem";

/** A task's picture, or the place where it will be, and what it is made from. */
export function TaskResult({ task }: { task: Task }) {
  const { url, error, refetch } = usePicture(task);
  return (
    <>
      {task.state !== "failed" && (
        <div className="task-picture">
          <PictureFrame task={task} url={url} instead={error ? "No picture" : undefined} />
        </div>
      )}
      <div className="task-details">
        {error && <Problem error={error} onRetry={() => refetch()} />}
        <div className="actions">
          {url !== undefined && (
            <a className="button button-primary" href={url} download={`${task.id}.png`}>
              Download
            </a>
          )}
          <Link className="button" href={addressOf(task)}>
            Make a variation
          </Link>
        </div>
        <ParameterList {...task} />
        <p className="quiet">
          Asked for on <time dateTime={task.created_at}>{timeText(task.created_at)}</time>
        </p>
      </div>
    </>
  );
}
