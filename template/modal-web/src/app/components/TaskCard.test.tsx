import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { aTask, picture, problem, stubApi } from "../../testing/api";
import { renderAt } from "../../testing/render";
import { TaskCard } from "./TaskCard";

const task = aTask({ model: "m" });
const request = `GET /api/tasks/${task.id}/picture`;

test("the card of a picture leads to its page", async () => {
  stubApi({ [request]: picture });
  renderAt("/", <TaskCard task={task} />);
  await screen.findByRole("img", { name: "m, 128 pixels, seed 3" });
  const link = screen.getByRole("link", { name: /m, 128 pixels, seed 3/ });
  expect(link).toHaveAttribute("href", `/tasks/${task.id}`);
  expect(screen.queryByText("Done")).not.toBeInTheDocument();
});

test("the card of a task at work tells how far it is", () => {
  stubApi({});
  renderAt("/", <TaskCard task={{ ...task, state: "processing", progress: 40 }} />);
  expect(screen.getByRole("link")).toHaveAccessibleName(/m, 128 pixels, seed 3 Generating, 40 %/);
  expect(screen.getByRole("progressbar")).toBeInTheDocument();
});

test("a picture that cannot be loaded says why", async () => {
  stubApi({ [request]: problem() });
  renderAt("/", <TaskCard task={task} />);
  expect(await screen.findByText("Too much was asked.")).toBeInTheDocument();
});
