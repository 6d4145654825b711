import { useTasks } from "../utils/queries";
import { MoreButton } from "./MoreButton";
import { Problem } from "./Problem";
import { TaskCard } from "./TaskCard";

/** All that the person asked for, the newest first. */
export function Gallery() {
  const query = useTasks();
  const { data, error, isPending, refetch } = query;
  return (
    <section className="gallery" aria-labelledby="gallery">
      <h2 id="gallery">Your pictures</h2>
      {error && <Problem error={error} onRetry={() => refetch()} />}
      {isPending && (
        <p className="empty" role="status">
          Loading pictures
        </p>
      )}
      {data?.length === 0 && (
        <div className="empty">
          <p>No pictures yet.</p>
          <p className="quiet">What you generate is kept here.</p>
        </div>
      )}
      <ul className="cards">
        {data?.map((task) => (
          <li key={task.id}>
            <TaskCard task={task} />
          </li>
        ))}
      </ul>
      <MoreButton what="pictures" query={query} />
    </section>
  );
}
