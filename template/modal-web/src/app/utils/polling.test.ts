import { expect, test } from "vitest";
import { aRow } from "../../testing/api";
import { latestStates } from "./polling";

// When is asked again is what src/contract/polling.contract.test.tsx judges.

test("of each task in the audit log, the newest row counts", () => {
  const rows = [
    aRow({ task_id: "a", state: "done" }),
    aRow({ task_id: "b", state: "pending" }),
    aRow({ task_id: "a", state: "processing" }),
  ];
  expect(latestStates(rows)).toEqual(["done", "pending"]);
});

test("an empty audit log speaks of no task", () => {
  expect(latestStates([])).toEqual([]);
});
