import { useSyncExternalStore } from "react";
import type { ApiError } from "./problem";

/** The two keys that a person may hold: for own pictures, and for administration. */
export type KeyKind = "user" | "admin";

// The session's storage is empty again when the tab is closed, and no other tab reads it.
const ITEMS: Record<KeyKind, string> = { user: "user-key", admin: "admin-key" };
// A browser may deny all storage; a key then lasts until the page is left.
const memory = new Map<KeyKind, string>();
const refusals = new Map<KeyKind, ApiError>();
const listeners = new Set<() => void>();

function inStorage<Result>(use: (storage: Storage) => Result): Result | null {
  try {
    return use(sessionStorage);
  } catch {
    return null;
  }
}

function drop(kind: KeyKind): void {
  memory.delete(kind);
  inStorage((storage) => storage.removeItem(ITEMS[kind]));
}

function announce(): void {
  for (const listener of listeners) {
    listener();
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The key that this tab remembers. */
export function readKey(kind: KeyKind): string | null {
  return memory.get(kind) ?? inStorage((storage) => storage.getItem(ITEMS[kind]));
}

/** Keep a key until the tab is closed. */
export function rememberKey(kind: KeyKind, key: string): void {
  memory.set(kind, key);
  inStorage((storage) => storage.setItem(ITEMS[kind], key));
  refusals.delete(kind);
  announce();
}

/** Forget a key that the API does not know any more, and keep what it said about it. */
export function refuseKey(kind: KeyKind, key: string, refusal: ApiError): void {
  // An answer may come late, when another key has been entered.
  if (readKey(kind) === key) {
    drop(kind);
    refusals.set(kind, refusal);
    announce();
  }
}

/** Leave no key in this tab. */
export function forgetKeys(): void {
  drop("user");
  drop("admin");
  refusals.clear();
  announce();
}

/** The remembered key, also after it changed. */
export function useKey(kind: KeyKind): string | null {
  return useSyncExternalStore(subscribe, () => readKey(kind));
}

/** Why the key that was remembered is forgotten, until another one is. */
export function useRefusal(kind: KeyKind): ApiError | null {
  return useSyncExternalStore(subscribe, () => refusals.get(kind) ?? null);
}
