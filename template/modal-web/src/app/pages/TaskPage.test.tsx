import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { aTask, delayed, json, picture, problem, stubApi } from "../../testing/api";
import { renderAt } from "../../testing/render";
import type { Task } from "../utils/api";
import { TaskPage } from "./TaskPage";

const { id } = aTask();

function show(changes: Partial<Task>): void {
  stubApi({
    [`GET /api/tasks/${id}`]: json(aTask({ model: "m", ...changes })),
    [`GET /api/tasks/${id}/picture`]: picture,
  });
  renderAt(`/tasks/${id}`, <TaskPage id={id} />);
}

test("loading is told in the place where the status will be", async () => {
  const { answer, give } = delayed(json(aTask({ state: "pending" })));
  stubApi({ [`GET /api/tasks/${id}`]: answer });
  renderAt(`/tasks/${id}`, <TaskPage id={id} />);
  const status = screen.getByRole("status");
  expect(status).toHaveTextContent("Loading");
  give();
  await screen.findByText("Waiting");
  expect(status).toHaveTextContent("Waiting");
});

test("a task at work shows how far it is", async () => {
  show({ state: "processing", progress: 40 });
  expect(await screen.findByText("Generating, 40 %")).toBe(screen.getByRole("status"));
  expect(screen.getByRole("progressbar")).toBeInTheDocument();
});

test("a task that is done shows its picture under the model's name", async () => {
  show({ state: "done" });
  expect(await screen.findByRole("img", { name: "m, 128 pixels, seed 3" })).toBeInTheDocument();
  expect(screen.getByRole("heading", { level: 1, name: "m" })).toBeInTheDocument();
  expect(screen.getByRole("status")).toHaveTextContent("Done");
});

test("a task that failed says why", async () => {
  show({ state: "failed", reason: "The lights went out." });
  expect(await screen.findByRole("alert")).toHaveTextContent("The lights went out.");
  expect(screen.getByRole("status")).toHaveTextContent("Failed");
});

test("a task that cannot be loaded can be tried again", async () => {
  stubApi({ [`GET /api/tasks/${id}`]: problem(500) });
  renderAt(`/tasks/${id}`, <TaskPage id={id} />);
  expect(await screen.findByRole("alert")).toHaveTextContent("Ask for less.");
  expect(screen.getByRole("status")).toBeEmptyDOMElement();
  stubApi({ [`GET /api/tasks/${id}`]: json(aTask({ state: "pending" })) });
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("Waiting")).toBeInTheDocument();
});

test("a task that is not there cannot be tried again, and the way leads to those that are", async () => {
  stubApi({ [`GET /api/tasks/${id}`]: problem(404) });
  renderAt(`/tasks/${id}`, <TaskPage id={id} />);
  expect(await screen.findByRole("alert")).toHaveTextContent("Ask for less.");
  expect(screen.getByRole("link", { name: "Your pictures" })).toHaveAttribute("href", "/");
  expect(screen.queryByRole("button", { name: "Try again" })).not.toBeInTheDocument();
});
