import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { renderAt } from "../../testing/render";
import { readKey, rememberKey } from "../utils/keys";
import { PROJECT_NAME } from "../utils/navigation";
import { createQueryClient } from "../utils/queries";
import { Header } from "./Header";

test("the project's name leads home", async () => {
  renderAt("/admin", <Header />);
  await userEvent.click(screen.getByRole("link", { name: PROJECT_NAME }));
  expect(location.pathname).toBe("/");
});

test("the navigation marks where one is, and leads elsewhere", async () => {
  renderAt("/", <Header />);
  const links = within(screen.getByRole("navigation", { name: "Main" }));
  expect(links.getByRole("link", { current: "page" })).toHaveTextContent("Generate");
  await userEvent.click(links.getByRole("link", { name: "Administration" }));
  expect(location.pathname).toBe("/admin");
  expect(links.getByRole("link", { current: "page" })).toHaveTextContent("Administration");
});

test("there is no key to forget before one was given", () => {
  renderAt("/", <Header />);
  expect(screen.queryByRole("button", { name: "Forget key" })).not.toBeInTheDocument();
});

test("forgetting the key forgets what it opened, too", async () => {
  rememberKey("user", "mine");
  const queries = createQueryClient();
  queries.setQueryData(["tasks"], "what was loaded");
  render(
    <QueryClientProvider client={queries}>
      <Header />
    </QueryClientProvider>,
  );
  await userEvent.click(screen.getByRole("button", { name: "Forget key" }));
  expect(readKey("user")).toBeNull();
  expect(queries.getQueryData(["tasks"])).toBeUndefined();
});
