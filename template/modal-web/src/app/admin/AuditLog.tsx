import { MoreButton } from "../components/MoreButton";
import { Problem } from "../components/Problem";
import { useAudit } from "../utils/queries";
import { changeText, timeText } from "../utils/wording";
import { DataTable } from "./DataTable";

const COLUMNS = ["When", "Who", "Task", "Change", "Reason"];

/** Each change of each task, and who made it, the newest first. */
export function AuditLog() {
  const query = useAudit();
  const { data, error, isPending, refetch } = query;
  return (
    <section aria-labelledby="audit">
      <div className="section-head">
        <h2 id="audit">Audit log</h2>
      </div>
      {error && <Problem error={error} onRetry={() => refetch()} />}
      {isPending && (
        <p className="empty" role="status">
          Loading the audit log
        </p>
      )}
      {data?.length === 0 && <p className="empty">Nothing has happened yet.</p>}
      {data && data.length > 0 && (
        <DataTable caption="Audit log" columns={COLUMNS}>
          {data.map((row) => (
            <tr key={row.number}>
              <td>
                <time dateTime={row.at}>{timeText(row.at)}</time>
              </td>
              <td>
                <code>{row.actor}</code>
              </td>
              <td>
                <code>{row.task_id}</code>
              </td>
              <td>{changeText(row)}</td>
              <td>{row.reason}</td>
            </tr>
          ))}
        </DataTable>
      )}
      <MoreButton what="changes" query={query} />
    </section>
  );
}
