import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { aTask, delayed, json, problem, stubApi } from "../../testing/api";
import { renderAt } from "../../testing/render";
import { TaskFailure } from "./TaskFailure";

const failed = aTask({ state: "failed", reason: "The lights went out." });
const again = () => screen.getByRole("button", { name: "Generate again" });

test("the reason is an alert", () => {
  renderAt("/tasks/x", <TaskFailure task={failed} />);
  expect(screen.getByRole("alert")).toHaveTextContent("The lights went out.");
});

test("the same picture can be asked for again, once", async () => {
  const { answer, give } = delayed(json(aTask({ id: "new" }), 202));
  const requests = stubApi({ "POST /api/tasks": answer });
  renderAt("/tasks/x", <TaskFailure task={failed} />);
  await userEvent.click(again());
  await waitFor(() => expect(again()).toHaveAttribute("aria-disabled", "true"));
  await userEvent.click(again());
  give();
  await waitFor(() => expect(location.pathname).toBe("/tasks/new"));
  expect(requests).toHaveLength(1);
  const { model, parameters } = failed;
  expect(await requests[0]?.json()).toEqual({ model, parameters });
});

test("a refusal says why", async () => {
  stubApi({ "POST /api/tasks": problem() });
  renderAt("/tasks/x", <TaskFailure task={failed} />);
  await userEvent.click(again());
  expect(await screen.findByText("Ask for less.")).toBeInTheDocument();
});
