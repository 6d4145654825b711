import { beforeEach, expect, test } from "vitest";
import { aTask, json, picture, problem, stubApi } from "../../testing/api";
import * as api from "./api";
import { forgetKeys, readKey, rememberKey } from "./keys";

const { signal } = new AbortController();
const { id } = aTask();

beforeEach(() => {
  rememberKey("user", "mine");
  rememberKey("admin", "theirs");
});

const asPerson = {
  "X-API-Key": "mine",
  "X-Admin-Key": null,
};
const asAdmin = {
  "X-API-Key": null,
  "X-Admin-Key": "theirs",
};

test.each([
  ["GET /api/session", () => api.checkKey("user", "mine"), asPerson],
  ["GET /api/session", () => api.checkKey("admin", "theirs"), asAdmin],
  ["POST /api/tasks", () => api.createTask({ model: "m", parameters: {} }), asPerson],
  [`GET /api/tasks/${id}`, () => api.loadTask(id, signal), asPerson],
  ["GET /api/tasks", () => api.loadTasks("last", signal), asPerson],
  ["GET /api/admin/tasks", () => api.loadAllTasks("done", "last", signal), asAdmin],
  ["GET /api/admin/audit", () => api.loadAudit(7, signal), asAdmin],
] as const)("%s sends one key, in a header, and returns the body", async (name, call, keys) => {
  const requests = stubApi({ [name]: json({ a: "body" }) });
  expect(await call()).toEqual({ a: "body" });
  for (const [header, key] of Object.entries(keys)) {
    expect(requests[0]?.headers.get(header)).toBe(key);
  }
  expect(requests[0]?.url).not.toMatch(/mine|theirs/);
});

test("a picture comes as it is", async () => {
  stubApi({ [`GET /api/tasks/${id}/picture`]: picture });
  expect(await (await api.loadPicture(id, signal)).text()).toBe("PNG");
});

test("who has no key sends none", async () => {
  forgetKeys();
  const requests = stubApi({ "GET /api/tasks": json({}) });
  await api.loadTasks(null, signal);
  expect(requests[0]?.headers.get("X-API-Key")).toBeNull();
});

test("the first page is asked for without a place to go on from", async () => {
  const requests = stubApi({ "GET /api/admin/tasks": json({}) });
  await api.loadAllTasks(null, null, signal);
  expect(requests[0]?.url).toMatch(/\/api\/admin\/tasks\?limit=\d+$/);
});

test("a later page goes on from a place, in one state", async () => {
  const requests = stubApi({ "GET /api/admin/tasks": json({}) });
  await api.loadAllTasks("failed", "last", signal);
  const { searchParams } = new URL(requests[0]?.url ?? "");
  expect(searchParams.get("state")).toBe("failed");
  expect(searchParams.get("before")).toBe("last");
});

test("a failure says what the API says", async () => {
  stubApi({ "GET /api/tasks": problem() });
  await expect(api.loadTasks(null, signal)).rejects.toMatchObject({
    message: "Too much was asked.",
    remedy: "Ask for less.",
  });
});

test("silence is a failure with a remedy", async () => {
  stubApi({});
  await expect(api.loadTasks(null, signal)).rejects.toMatchObject({
    message: "The server cannot be reached.",
  });
});

test.each([
  ["POST /api/tasks", () => api.createTask({ model: "m", parameters: {} }), null, "theirs"],
  [`GET /api/tasks/${id}`, () => api.loadTask(id, signal), null, "theirs"],
  [`GET /api/tasks/${id}/picture`, () => api.loadPicture(id, signal), null, "theirs"],
  ["GET /api/tasks", () => api.loadTasks(null, signal), null, "theirs"],
  ["GET /api/admin/tasks", () => api.loadAllTasks(null, null, signal), "mine", null],
  ["GET /api/admin/audit", () => api.loadAudit(null, signal), "mine", null],
] as const)("a 401 of %s forgets the key that was sent", async (name, call, user, admin) => {
  stubApi({ [name]: problem(401) });
  await expect(call()).rejects.toMatchObject({ status: 401 });
  expect(readKey("user")).toBe(user);
  expect(readKey("admin")).toBe(admin);
});

test.each([403, 404, 429, 500])("a failure with status %s forgets no key", async (status) => {
  stubApi({ "GET /api/tasks": problem(status) });
  await expect(api.loadTasks(null, signal)).rejects.toMatchObject({ status });
  expect(readKey("user")).toBe("mine");
});

test("a 401 forgets no key where none was sent", async () => {
  forgetKeys();
  stubApi({ "GET /api/tasks": problem(401) });
  const asked = api.loadTasks(null, signal);
  rememberKey("user", "new");
  await expect(asked).rejects.toMatchObject({ status: 401 });
  expect(readKey("user")).toBe("new");
});
