import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { aTask, delayed, json, picture, problem, stubApi } from "../../testing/api";
import { renderAt } from "../../testing/render";
import { Gallery } from "./Gallery";

const none = json({ tasks: [], next: null });

test("loading is told, then that there is nothing", async () => {
  const { answer, give } = delayed(none);
  stubApi({ "GET /api/tasks": answer });
  renderAt("/", <Gallery />);
  expect(screen.getByRole("status")).toHaveTextContent("Loading pictures");
  give();
  expect(await screen.findByText("No pictures yet.")).toBeInTheDocument();
  expect(screen.queryByRole("status")).not.toBeInTheDocument();
});

test("there is a card for each task", async () => {
  const tasks = [aTask({ id: "b" }), aTask({ id: "a" })];
  stubApi({
    "GET /api/tasks": json({ tasks, next: "a" }),
    "GET /api/tasks/a/picture": picture,
    "GET /api/tasks/b/picture": picture,
  });
  renderAt("/", <Gallery />);
  const region = screen.getByRole("region", { name: "Your pictures" });
  const links = await within(region).findAllByRole("link");
  expect(links.map((link) => link.getAttribute("href"))).toEqual(["/tasks/b", "/tasks/a"]);
  expect(screen.getByRole("button", { name: "Show more pictures" })).toBeInTheDocument();
});

test("a failure can be tried again", async () => {
  stubApi({ "GET /api/tasks": problem() });
  renderAt("/", <Gallery />);
  expect(await screen.findByRole("alert")).toHaveTextContent("Ask for less.");
  stubApi({ "GET /api/tasks": none });
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("No pictures yet.")).toBeInTheDocument();
  expect(screen.queryByRole("alert")).not.toBeInTheDocument();
});
