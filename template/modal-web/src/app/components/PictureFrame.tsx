import type { Task } from "../utils/api";
import { describePicture } from "../utils/wording";

interface Props {
  task: Task;
  /** Where the picture is, once it is loaded. */
  url: string | undefined;
  /** What stands in its place when there is none. */
  instead?: string | undefined;
}

/** A picture, or the place that is kept for it so that nothing jumps when it comes. */
export function PictureFrame({ task, url, instead }: Props) {
  if (url === undefined) {
    const look = task.state === "failed" || instead ? "frame frame-empty" : "frame frame-awaited";
    return <div className={look}>{instead}</div>;
  }
  return (
    <div className="frame">
      <img
        src={url}
        alt={describePicture(task)}
        width={task.parameters.size}
        height={task.parameters.size}
      />
    </div>
  );
}
