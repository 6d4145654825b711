import { KeyForm } from "../components/KeyForm";
import { PageHeading } from "../components/PageHeading";
import { useKey } from "../utils/keys";
import { AuditLog } from "./AuditLog";
import { TaskOverview } from "./TaskOverview";

/** What everybody asked for and what became of it, for those who hold the admin key. */
export function AdminPage() {
  const isOpen = useKey("admin") !== null;
  if (!isOpen) {
    return (
      <div className="narrow">
        <PageHeading about="This part needs a key of its own.">Administration</PageHeading>
        <KeyForm kind="admin" label="Admin key" action="Open" />
      </div>
    );
  }
  return (
    <div className="admin">
      <PageHeading>Administration</PageHeading>
      <TaskOverview />
      <AuditLog />
    </div>
  );
}
