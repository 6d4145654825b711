import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { delayed, json, problem, stubApi } from "../../testing/api";
import { renderAt } from "../../testing/render";
import { readKey, refuseKey, rememberKey } from "../utils/keys";
import { ApiError } from "../utils/problem";
import { KeyForm } from "./KeyForm";

const session = json({ owner: "o", admin: true });

function show() {
  renderAt("/", <KeyForm kind="admin" label="Admin key" action="Open" />);
  return screen.getByLabelText("Admin key");
}

test("the key is hidden while it is typed", () => {
  expect(show()).toHaveAttribute("type", "password");
});

test("a key that the API accepts is kept, without the blanks of copying", async () => {
  const requests = stubApi({ "GET /api/session": session });
  await userEvent.type(show(), "  theirs {Enter}");
  await waitFor(() => expect(readKey("admin")).toBe("theirs"));
  expect(requests[0]?.headers.get("X-Admin-Key")).toBe("theirs");
});

test("a wrong key is told, and the focus is in the field to correct it", async () => {
  stubApi({ "GET /api/session": problem(401) });
  const field = show();
  await userEvent.type(field, "wrong");
  await userEvent.click(screen.getByRole("button", { name: "Open" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("Too much was asked.Ask for less.");
  expect(field).toHaveFocus();
  expect(readKey("admin")).toBeNull();
});

test("who comes back to the form since a key was refused is told why, until the next is sent", async () => {
  const { answer, give } = delayed(problem(401));
  stubApi({ "GET /api/session": answer });
  rememberKey("admin", "former");
  refuseKey("admin", "former", new ApiError("Unknown key.", "Ask for another."));
  const field = show();
  expect(screen.getByRole("alert")).toHaveTextContent("Unknown key.Ask for another.");
  await userEvent.type(field, "wrong{Enter}");
  expect(screen.queryByRole("alert")).not.toBeInTheDocument();
  give();
  expect(await screen.findByRole("alert")).toHaveTextContent("Too much was asked.Ask for less.");
});

test("a key is sent once, however often the button is pressed", async () => {
  const { answer, give } = delayed(session);
  const requests = stubApi({ "GET /api/session": answer });
  await userEvent.type(show(), "theirs");
  const button = screen.getByRole("button", { name: "Open" });
  await userEvent.click(button);
  await waitFor(() => expect(button).toHaveAttribute("aria-disabled", "true"));
  await userEvent.click(button);
  give();
  await waitFor(() => expect(readKey("admin")).toBe("theirs"));
  expect(requests).toHaveLength(1);
});
