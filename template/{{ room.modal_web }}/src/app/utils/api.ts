import createClient from "openapi-fetch";
import type { components, paths } from "./api.gen";
import { type KeyKind, readKey } from "./keys";
import { toApiError, unreachable } from "./problem";

type Schemas = components["schemas"];

/** A picture that was asked for. */
export type Task = Schemas["TaskView"];
/** Where a task is in its life. */
export type TaskState = Schemas["TaskState"];
/** What is asked for. */
export type NewTask = Schemas["NewTask"];
/** One transition of one task. */
export type AuditRow = Schemas["AuditRow"];

const PICTURES_A_PAGE = 12;
const ROWS_A_PAGE = 50;
const HEADERS: Record<KeyKind, string> = { user: "X-API-Key", admin: "X-Admin-Key" };
const client = createClient<paths>({
  baseUrl: location.origin,
  fetch: (request) => fetch(request),
});

/** A key goes into a header, never into an address: addresses are logged. */
function keyHeader(kind: KeyKind, key = readKey(kind)): Record<string, string> {
  return key === null ? {} : { [HEADERS[kind]]: key };
}

interface Answer<Data> {
  data?: Data | undefined;
  error?: unknown;
  response: Response;
}

async function dataOf<Data>(call: Promise<Answer<Data>>): Promise<Data> {
  const { data, error, response } = await call.catch(() => {
    throw unreachable();
  });
  if (data === undefined) {
    throw toApiError(response.status, error);
  }
  return data;
}

/** Ask whether a key opens anything; throws an `ApiError` when it does not. */
export function checkKey(kind: KeyKind, key: string) {
  return dataOf(client.GET("/api/session", { headers: keyHeader(kind, key) }));
}

/** Ask for a picture. */
export function createTask(body: NewTask) {
  return dataOf(client.POST("/api/tasks", { body, headers: keyHeader("user") }));
}

/** One of the person's own tasks. */
export function loadTask(task_id: string, signal: AbortSignal) {
  const params = { path: { task_id } };
  return dataOf(client.GET("/api/tasks/{task_id}", { params, headers: keyHeader("user"), signal }));
}

/** The person's own tasks that are older than `before`. */
export function loadTasks(before: string | null, signal: AbortSignal) {
  const params = { query: { limit: PICTURES_A_PAGE, before } };
  return dataOf(client.GET("/api/tasks", { params, headers: keyHeader("user"), signal }));
}

/** A PNG; an `<img>` cannot fetch it, since it sends no key. */
export function loadPicture(task_id: string, signal: AbortSignal): Promise<Blob> {
  const params = { path: { task_id } };
  return dataOf(
    client.GET("/api/tasks/{task_id}/picture", {
      params,
      headers: keyHeader("user"),
      parseAs: "blob",
      signal,
    }),
  );
}

/** Everybody's tasks that are older than `before`, in all states or in one. */
export function loadAllTasks(state: TaskState | null, before: string | null, signal: AbortSignal) {
  const params = { query: { limit: ROWS_A_PAGE, before, state } };
  return dataOf(client.GET("/api/admin/tasks", { params, headers: keyHeader("admin"), signal }));
}

/** The rows of the audit log that are older than `before`. */
export function loadAudit(before: number | null, signal: AbortSignal) {
  const params = { query: { limit: ROWS_A_PAGE, before } };
  return dataOf(client.GET("/api/admin/audit", { params, headers: keyHeader("admin"), signal }));
}
