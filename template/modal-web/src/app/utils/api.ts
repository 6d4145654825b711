import createClient from "openapi-fetch";
import type { components, paths } from "./api.gen";
import { type KeyKind, readKey, refuseKey } from "./keys";
import { ApiError, toApiError, unreachable } from "./problem";

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

type KeyHeader = Record<string, string>;

/** A key goes into a header, never into an address: addresses are logged. */
function keyHeader(kind: KeyKind, key: string | null): KeyHeader {
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

/** Ask with the remembered key, which is forgotten when the API does not know it (any more). */
async function ask<Data>(
  kind: KeyKind,
  send: (headers: KeyHeader) => Promise<Answer<Data>>,
): Promise<Data> {
  const key = readKey(kind);
  try {
    return await dataOf(send(keyHeader(kind, key)));
  } catch (error) {
    if (key !== null && error instanceof ApiError && error.status === 401) {
      refuseKey(kind, key, error);
    }
    throw error;
  }
}

/** Ask whether a key opens anything; throws an `ApiError` when it does not. */
export function checkKey(kind: KeyKind, key: string) {
  return dataOf(client.GET("/api/session", { headers: keyHeader(kind, key) }));
}

/** Ask for a picture. */
export function createTask(body: NewTask) {
  return ask("user", (headers) => client.POST("/api/tasks", { body, headers }));
}

/** One of the person's own tasks. */
export function loadTask(task_id: string, signal: AbortSignal) {
  const params = { path: { task_id } };
  return ask("user", (headers) => client.GET("/api/tasks/{task_id}", { params, headers, signal }));
}

/** The person's own tasks that are older than `before`. */
export function loadTasks(before: string | null, signal: AbortSignal) {
  const params = { query: { limit: PICTURES_A_PAGE, before } };
  return ask("user", (headers) => client.GET("/api/tasks", { params, headers, signal }));
}

/** A PNG; an `<img>` cannot fetch it, since it sends no key. */
export function loadPicture(task_id: string, signal: AbortSignal): Promise<Blob> {
  const params = { path: { task_id } };
  return ask("user", (headers) =>
    client.GET("/api/tasks/{task_id}/picture", { params, headers, parseAs: "blob", signal }),
  );
}

/** Everybody's tasks that are older than `before`, in all states or in one. */
export function loadAllTasks(state: TaskState | null, before: string | null, signal: AbortSignal) {
  const params = { query: { limit: ROWS_A_PAGE, before, state } };
  return ask("admin", (headers) => client.GET("/api/admin/tasks", { params, headers, signal }));
}

/** The rows of the audit log that are older than `before`. */
export function loadAudit(before: number | null, signal: AbortSignal) {
  const params = { query: { limit: ROWS_A_PAGE, before } };
  return ask("admin", (headers) => client.GET("/api/admin/audit", { params, headers, signal }));
}
