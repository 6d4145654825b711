import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import { json, problem, stubApi } from "../testing/api";
import { App } from "./App";
import { rememberKey } from "./utils/keys";

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
