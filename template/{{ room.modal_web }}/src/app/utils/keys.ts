import { useSyncExternalStore } from "react";

/** The two keys that a person may hold: for own pictures, and for administration. */
export type KeyKind = "user" | "admin";

// The session's storage is empty again when the tab is closed, and no other tab reads it.
const ITEMS: Record<KeyKind, string> = { user: "user-key", admin: "admin-key" };
const listeners = new Set<() => void>();

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
  return sessionStorage.getItem(ITEMS[kind]);
}

/** Keep a key until the tab is closed. */
export function rememberKey(kind: KeyKind, key: string): void {
  sessionStorage.setItem(ITEMS[kind], key);
  announce();
}

/** Leave no key in this tab. */
export function forgetKeys(): void {
  for (const item of Object.values(ITEMS)) {
    sessionStorage.removeItem(item);
  }
  announce();
}

/** The remembered key, also after it changed. */
export function useKey(kind: KeyKind): string | null {
  return useSyncExternalStore(subscribe, () => readKey(kind));
}
