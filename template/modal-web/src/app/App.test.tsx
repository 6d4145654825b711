import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { aTask, json, problem, stubApi } from "../testing/api";
import { denyStorage } from "../testing/storage";
import { App } from "./App";
import { readKey, rememberKey } from "./utils/keys";

const heading = (name: string) => screen.getByRole("heading", { level: 1, name });

function open(address: string): void {
  history.replaceState(null, "", address);
  render(<App />);
}

beforeEach(() => {
  stubApi({
    "GET /api/session": json({ owner: "o", admin: false }),
    "GET /api/tasks": json({ tasks: [], next: null }),
    "GET /api/tasks/x": problem(404),
  });
});

test.each(["/", "/tasks/x"])("%s needs a key", (address) => {
  open(address);
  expect(heading("Enter your key")).toBeInTheDocument();
});

test.each([
  ["/", "Generate a picture"],
  ["/tasks/x", "Picture"],
  ["/admin", "Administration"],
  ["/nowhere", "Page not found"],
])("with a key, %s shows %s", async (address, name) => {
  rememberKey("user", "mine");
  open(address);
  expect(heading(name)).toBeInTheDocument();
});

test("the key opens the page that was asked for, and its heading has the focus", async () => {
  open("/");
  await userEvent.type(screen.getByLabelText("API key"), "mine{Enter}");
  expect(await screen.findByRole("heading", { name: "Generate a picture" })).toHaveFocus();
});

test("the administration needs no key but its own", () => {
  rememberKey("admin", "other");
  open("/admin");
  expect(heading("Administration")).toBeInTheDocument();
  expect(screen.getByRole("button", { name: "Forget key" })).toBeInTheDocument();
});

test("the heading of the next page has the focus", async () => {
  rememberKey("user", "mine");
  open("/");
  await userEvent.click(screen.getByRole("link", { name: "Administration" }));
  expect(heading("Administration")).toHaveFocus();
});

test("the header can be skipped", async () => {
  open("/");
  await userEvent.tab();
  const skip = screen.getByRole("link", { name: "Skip to content" });
  expect(skip).toHaveFocus();
  expect(skip).toHaveAttribute("href", `#${screen.getByRole("main").id}`);
});

const user = { kind: "user", name: "Enter your key", label: "API key" } as const;
const admin = { kind: "admin", name: "Administration", label: "Admin key" } as const;

test.each([
  { address: "/", request: "GET /api/tasks", ...user },
  { address: "/tasks/x", request: "GET /api/tasks/x", ...user },
  { address: "/admin", request: "GET /api/admin/tasks", ...admin },
])("the $kind key that $request refuses is asked for again", async (each) => {
  const { address, request, kind, name, label } = each;
  stubApi({ [request]: problem(401) });
  rememberKey(kind, "former");
  open(address);
  expect(await screen.findByLabelText(label)).toBeInTheDocument();
  expect(heading(name)).toHaveFocus();
  expect(screen.getByRole("alert")).toHaveTextContent("Too much was asked.Ask for less.");
  expect(readKey(kind)).toBeNull();
});

test("the page works where the browser denies its storage", async () => {
  denyStorage();
  open("/");
  await userEvent.type(screen.getByLabelText("API key"), "mine{Enter}");
  expect(await screen.findByText("No pictures yet.")).toBeInTheDocument();
});

test("what cannot be shown is replaced by what to do, not by a blank page", async () => {
  const logged = vi.spyOn(console, "error").mockReturnValue(undefined);
  const tasks = [aTask({ created_at: "never" })];
  stubApi({ "GET /api/tasks": json({ tasks, next: null }) });
  rememberKey("user", "mine");
  open("/");
  expect(await screen.findByRole("heading", { name: "Something went wrong" })).toBeInTheDocument();
  expect(logged).toHaveBeenCalled();
});
