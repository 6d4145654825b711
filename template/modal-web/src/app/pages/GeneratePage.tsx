import { useLocation, useSearch } from "wouter";
import { Gallery } from "../components/Gallery";
import { PageHeading } from "../components/PageHeading";
import { Problem } from "../components/Problem";
import { TaskForm } from "../components/TaskForm";
import { useCreateTask } from "../utils/queries";

/** The start: a form for a new picture beside those that are there. */
export function GeneratePage() {
  const [, navigate] = useLocation();
  const search = useSearch();
  const { mutate, error, isPending } = useCreateTask(({ id }) => navigate(`/tasks/${id}`));
  return (
    <div className="workbench">
      <div className="workbench-form">
        <PageHeading>Generate a picture</PageHeading>
        {/* The key makes an address with other numbers fill in the form anew. */}
        <TaskForm key={search} search={search} isSending={isPending} onSend={mutate} />
        {error && <Problem error={error} />}
      </div>
      <Gallery />
    </div>
  );
}
