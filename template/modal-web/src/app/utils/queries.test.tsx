import { QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { expect, test, vi } from "vitest";
import { aRow, aTask, json, picture, problem, stubApi } from "../../testing/api";
import { readKey } from "./keys";
import {
  createQueryClient,
  useAllTasks,
  useAudit,
  useCreateTask,
  useOpenWithKey,
  usePicture,
  useTask,
  useTasks,
} from "./queries";

// When lists and tasks are asked for again is what src/contract/polling.contract.test.tsx judges.

function use<Result>(hook: () => Result) {
  const queries = createQueryClient();
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={queries}>{children}</QueryClientProvider>
  );
  return { queries, ...renderHook(hook, { wrapper }) };
}

test("a task is loaded", async () => {
  const task = aTask();
  stubApi({ [`GET /api/tasks/${task.id}`]: json(task) });
  const { result } = use(() => useTask(task.id));
  await waitFor(() => expect(result.current.data).toEqual(task));
});

test("a failure is told at once, not after more attempts", async () => {
  const requests = stubApi({ "GET /api/tasks/x": problem() });
  const { result } = use(() => useTask("x"));
  await waitFor(() => expect(result.current.error?.message).toBe("Too much was asked."));
  expect(requests).toHaveLength(1);
});

const pages = {
  "GET /api/tasks": (request: Request) => taskPage(request),
  "GET /api/admin/tasks": (request: Request) => taskPage(request),
  "GET /api/admin/audit": (request: Request) =>
    request.url.includes("before=5")
      ? json({ rows: [aRow({ number: 4 })], next: null })(request)
      : json({ rows: [aRow({ number: 5 })], next: 5 })(request),
};

function taskPage(request: Request) {
  return request.url.includes("before=b")
    ? json({ tasks: [aTask({ id: "a" })], next: null })(request)
    : json({ tasks: [aTask({ id: "b" })], next: "b" })(request);
}

test.each([
  ["one's own", useTasks],
  ["everybody's", () => useAllTasks(null)],
])("the pages of %s tasks become one list", async (_whose, hook) => {
  stubApi(pages);
  const { result } = use(hook);
  await waitFor(() => expect(result.current.hasNextPage).toBe(true));
  act(() => void result.current.fetchNextPage());
  await waitFor(() => expect(result.current.data?.map(({ id }) => id)).toEqual(["b", "a"]));
  expect(result.current.hasNextPage).toBe(false);
});

test("the pages of the audit log become one list", async () => {
  stubApi(pages);
  const { result } = use(useAudit);
  await waitFor(() => expect(result.current.hasNextPage).toBe(true));
  act(() => void result.current.fetchNextPage());
  await waitFor(() => expect(result.current.data?.map(({ number }) => number)).toEqual([5, 4]));
});

test("the picture of a task that is done has an address", async () => {
  stubApi({ "GET /api/tasks/x/picture": picture });
  const { result } = use(() => usePicture({ id: "x", state: "done" }));
  await waitFor(() => expect(result.current.url).toMatch(/^blob:/));
});

test("no picture is asked for before the task is done", () => {
  const requests = stubApi({});
  use(() => usePicture({ id: "x", state: "processing" }));
  expect(requests).toEqual([]);
});

test("a new task is handed on, and need not be loaded again", async () => {
  const task = aTask({ state: "pending" });
  const requests = stubApi({ "POST /api/tasks": json(task, 202) });
  const onCreated = vi.fn();
  const { result, queries } = use(() => useCreateTask(onCreated));
  act(() => result.current.mutate({ model: "m", parameters: { size: 64 } }));
  await waitFor(() => expect(onCreated).toHaveBeenCalledExactlyOnceWith(task));
  expect(await requests[0]?.json()).toEqual({ model: "m", parameters: { size: 64 } });
  expect(queries.getQueryData(["task", task.id])).toEqual(task);
});

test("a key that opens something is remembered, and nothing of a former one is left", async () => {
  stubApi({ "GET /api/session": json({ owner: "o", admin: false }) });
  const { result, queries } = use(() => useOpenWithKey("user"));
  queries.setQueryData(["tasks"], "what a former key opened");
  act(() => result.current.mutate("mine"));
  await waitFor(() => expect(readKey("user")).toBe("mine"));
  expect(queries.getQueryData(["tasks"])).toBeUndefined();
});

test("a key that opens nothing is not remembered", async () => {
  stubApi({ "GET /api/session": problem(401) });
  const { result } = use(() => useOpenWithKey("user"));
  act(() => result.current.mutate("wrong"));
  await waitFor(() => expect(result.current.isError).toBe(true));
  expect(readKey("user")).toBeNull();
});
