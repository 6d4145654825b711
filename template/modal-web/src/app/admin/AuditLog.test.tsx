import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { aRow, delayed, json, problem, stubApi } from "../../testing/api";
import { renderAt } from "../../testing/render";
import { AuditLog } from "./AuditLog";

const REQUEST = "GET /api/admin/audit";
const none = json({ rows: [], next: null });

test("loading is told, then that there is nothing", async () => {
  const { answer, give } = delayed(none);
  stubApi({ [REQUEST]: answer });
  renderAt("/admin", <AuditLog />);
  expect(screen.getByRole("status")).toHaveTextContent("Loading the audit log");
  give();
  expect(await screen.findByText("Nothing has happened yet.")).toBeInTheDocument();
  expect(screen.queryByRole("table")).not.toBeInTheDocument();
});

test("a row tells who changed what, and why", async () => {
  const row = aRow({ actor: "sweep", state: "failed", reason: "It took too long." });
  stubApi({ [REQUEST]: json({ rows: [row], next: 1 }) });
  renderAt("/admin", <AuditLog />);
  const table = await screen.findByRole("table", { name: "Audit log" });
  expect(
    within(table)
      .getAllByRole("columnheader")
      .map((column) => column.textContent),
  ).toEqual(["When", "Who", "Task", "Change", "Reason"]);
  const cells = within(table).getAllByRole("cell");
  expect(cells.slice(1).map((cell) => cell.textContent)).toEqual([
    "sweep",
    row.task_id,
    "Pending → Failed",
    "It took too long.",
  ]);
  expect(screen.getByRole("button", { name: "Show more changes" })).toBeInTheDocument();
});

test("a failure can be tried again", async () => {
  stubApi({ [REQUEST]: problem() });
  renderAt("/admin", <AuditLog />);
  expect(await screen.findByRole("alert")).toHaveTextContent("Ask for less.");
  stubApi({ [REQUEST]: none });
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("Nothing has happened yet.")).toBeInTheDocument();
});
