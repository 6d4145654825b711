import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { aTask, delayed, json, problem, stubApi } from "../../testing/api";
import { renderAt } from "../../testing/render";
import { TaskOverview } from "./TaskOverview";

const REQUEST = "GET /api/admin/tasks";
const none = json({ tasks: [], next: null });

test("loading is told, then that there is nothing", async () => {
  const { answer, give } = delayed(none);
  stubApi({ [REQUEST]: answer });
  renderAt("/admin", <TaskOverview />);
  expect(screen.getByRole("status")).toHaveTextContent("Loading tasks");
  give();
  expect(await screen.findByText("No tasks yet.")).toBeInTheDocument();
  expect(screen.queryByRole("table")).not.toBeInTheDocument();
});

test("a task has its id, model, state, progress and reason", async () => {
  const task = aTask({ model: "m", state: "failed", progress: 40, reason: "Too dark." });
  stubApi({ [REQUEST]: json({ tasks: [task], next: "more" }) });
  renderAt("/admin", <TaskOverview />);
  const table = await screen.findByRole("table", { name: "Tasks" });
  const cells = within(table).getAllByRole("cell");
  expect(cells.slice(1).map((cell) => cell.textContent)).toEqual([
    task.id,
    "m",
    "Failed",
    "40 %",
    "Too dark.",
  ]);
  expect(screen.getByRole("button", { name: "Show more tasks" })).toBeInTheDocument();
});

test("the filter asks for the tasks of one state", async () => {
  stubApi({
    [REQUEST]: (request) =>
      (request.url.includes("state=failed") ? none : json({ tasks: [aTask()], next: null }))(
        request,
      ),
  });
  renderAt("/admin", <TaskOverview />);
  await screen.findByRole("table", { name: "Tasks" });
  await userEvent.selectOptions(screen.getByLabelText("State"), "Failed");
  expect(await screen.findByText("No tasks in this state.")).toBeInTheDocument();
});

test("a failure can be tried again", async () => {
  stubApi({ [REQUEST]: problem() });
  renderAt("/admin", <TaskOverview />);
  expect(await screen.findByRole("alert")).toHaveTextContent("Ask for less.");
  stubApi({ [REQUEST]: none });
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("No tasks yet.")).toBeInTheDocument();
});
