import { fireEvent, screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import { aTask, json, problem, stubApi } from "../../testing/api";
import { renderAt } from "../../testing/render";
import { GeneratePage } from "./GeneratePage";

const none = json({ tasks: [], next: null });
// Not by the button: Happy DOM finds decimal fractions off their steps, as no browser does.
const generate = () => fireEvent.submit(screen.getByRole("form", { name: "New picture" }));

test("the form stands beside the pictures", async () => {
  stubApi({ "GET /api/tasks": none });
  renderAt("/", <GeneratePage />);
  expect(screen.getByRole("heading", { level: 1, name: "Generate a picture" })).toBeInTheDocument();
  expect(screen.getByRole("heading", { level: 2, name: "Your pictures" })).toBeInTheDocument();
  expect(await screen.findByText("No pictures yet.")).toBeInTheDocument();
});

test("who asks for a picture is led to its page", async () => {
  stubApi({ "GET /api/tasks": none, "POST /api/tasks": json(aTask({ id: "new" }), 202) });
  renderAt("/", <GeneratePage />);
  generate();
  await waitFor(() => expect(location.pathname).toBe("/tasks/new"));
});

test("a refusal says why, and the form stays", async () => {
  stubApi({ "GET /api/tasks": none, "POST /api/tasks": problem() });
  renderAt("/", <GeneratePage />);
  generate();
  expect(await screen.findByRole("alert")).toHaveTextContent("Too much was asked.Ask for less.");
  expect(location.pathname).toBe("/");
});
