import { useState } from "react";
import { MoreButton } from "../components/MoreButton";
import { Problem } from "../components/Problem";
import type { TaskState } from "../utils/api";
import { useAllTasks } from "../utils/queries";
import { modelTitle } from "../utils/settings";
import { STATE_NAMES, timeText } from "../utils/wording";
import { DataTable } from "./DataTable";
import { StateFilter } from "./StateFilter";

const COLUMNS = ["Created", "Task", "Model", "State", "Progress", "Reason"];

/** Everybody's tasks, the newest first. */
export function TaskOverview() {
  const [state, setState] = useState<TaskState | null>(null);
  const query = useAllTasks(state);
  const { data, error, isPending, refetch } = query;
  return (
    <section aria-labelledby="tasks">
      <div className="section-head">
        <h2 id="tasks">Tasks</h2>
        <StateFilter state={state} onChange={setState} />
      </div>
      {error && <Problem error={error} onRetry={() => refetch()} />}
      {isPending && (
        <p className="empty" role="status">
          Loading tasks
        </p>
      )}
      {data?.length === 0 && (
        <p className="empty">{state ? "No tasks in this state." : "No tasks yet."}</p>
      )}
      {data && data.length > 0 && (
        <DataTable caption="Tasks" columns={COLUMNS}>
          {data.map((task) => (
            <tr key={task.id}>
              <td>
                <time dateTime={task.created_at}>{timeText(task.created_at)}</time>
              </td>
              <td>
                <code>{task.id}</code>
              </td>
              <td>{modelTitle(task.model)}</td>
              <td>
                <span className={`state state-${task.state}`}>{STATE_NAMES[task.state]}</span>
              </td>
              <td>{task.progress} %</td>
              <td>{task.reason}</td>
            </tr>
          ))}
        </DataTable>
      )}
      <MoreButton what="tasks" query={query} />
    </section>
  );
}
