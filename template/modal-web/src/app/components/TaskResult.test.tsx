import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { aTask, picture, problem, stubApi } from "../../testing/api";
import { renderAt } from "../../testing/render";
import { TaskResult } from "./TaskResult";

const task = aTask({ model: "m" });
const request = `GET /api/tasks/${task.id}/picture`;

test("a picture can be kept as a file", async () => {
  stubApi({ [request]: picture });
  renderAt("/tasks/x", <TaskResult task={task} />);
  const { src } = await screen.findByRole<HTMLImageElement>("img", { name: /^m, 128 pixels/ });
  const link = screen.getByRole("link", { name: "Download" });
  expect(link).toHaveAttribute("href", src);
  expect(link).toHaveAttribute("download", `${task.id}.png`);
});

test("a picture can be the start of another", async () => {
  stubApi({ [request]: picture });
  renderAt("/tasks/x", <TaskResult task={task} />);
  await userEvent.click(screen.getByRole("link", { name: "Make a variation" }));
  expect(location.pathname + location.search).toBe("/?model=m&size=128&seed=3");
});

test("there is nothing to keep before the task is done", () => {
  stubApi({});
  renderAt("/tasks/x", <TaskResult task={{ ...task, state: "pending" }} />);
  expect(screen.queryByRole("link", { name: "Download" })).not.toBeInTheDocument();
});

test("a failed task has no place for a picture", () => {
  stubApi({});
  const { container } = renderAt("/tasks/x", <TaskResult task={{ ...task, state: "failed" }} />);
  expect(container.querySelector(".frame")).not.toBeInTheDocument();
});

test("a picture that cannot be loaded can be tried again", async () => {
  stubApi({ [request]: problem() });
  renderAt("/tasks/x", <TaskResult task={task} />);
  expect(await screen.findByRole("alert")).toHaveTextContent("Ask for less.");
  expect(screen.getByText("No picture")).toBeInTheDocument();
  stubApi({ [request]: picture });
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("img")).toBeInTheDocument();
});
