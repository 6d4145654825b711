import { act, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { json, stubApi } from "../../testing/api";
import { renderAt } from "../../testing/render";
import { rememberKey } from "../utils/keys";
import { AdminPage } from "./AdminPage";

test("it is closed without the admin key, and asks for nothing", () => {
  const requests = stubApi({});
  renderAt("/admin", <AdminPage />);
  expect(screen.getByRole("heading", { level: 1, name: "Administration" })).toBeInTheDocument();
  expect(screen.getByLabelText("Admin key")).toBeInTheDocument();
  expect(screen.getByRole("button", { name: "Open" })).toBeInTheDocument();
  expect(requests).toEqual([]);
});

test("the key opens it", async () => {
  stubApi({
    "GET /api/admin/tasks": json({ tasks: [], next: null }),
    "GET /api/admin/audit": json({ rows: [], next: null }),
  });
  renderAt("/admin", <AdminPage />);
  act(() => rememberKey("admin", "theirs"));
  expect(screen.getByRole("heading", { level: 1, name: "Administration" })).toBeInTheDocument();
  expect(screen.getByRole("heading", { level: 2, name: "Tasks" })).toBeInTheDocument();
  expect(screen.getByRole("heading", { level: 2, name: "Audit log" })).toBeInTheDocument();
  expect(await screen.findByText("No tasks yet.")).toBeInTheDocument();
});
