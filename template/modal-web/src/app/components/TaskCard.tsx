import { Link } from "wouter";
import type { Task } from "../utils/api";
import { usePicture } from "../utils/queries";
import { describePicture, statusText, timeText } from "../utils/wording";
import { PictureFrame } from "./PictureFrame";
import { TaskProgress } from "./TaskProgress";

/** A task in the gallery; the whole card leads to its page. */
export function TaskCard({ task }: { task: Task }) {
  const { url, error } = usePicture(task);
  return (
    <Link href={`/tasks/${task.id}`} className="card">
      <PictureFrame task={task} url={url} instead={error ? error.message : undefined} />
      <span className="card-caption">
        {url === undefined && <span className="visually-hidden">{describePicture(task)}</span>}
        {task.state !== "done" && (
          <span className={`state state-${task.state}`}>{statusText(task)}</span>
        )}
        <time className="quiet" dateTime={task.created_at}>
          {timeText(task.created_at)}
        </time>
      </span>
      <TaskProgress {...task} />
    </Link>
  );
}
