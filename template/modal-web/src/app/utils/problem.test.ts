import { expect, test } from "vitest";
import { toApiError, unreachable } from "./problem";

test("a problem keeps its detail, remedy and fields", () => {
  const error = toApiError(422, {
    detail: "The request is not valid.",
    remedy: "Correct it.",
    errors: [{ field: "body.model", message: "missing" }],
  });
  expect(error.message).toBe("The request is not valid.");
  expect(error.remedy).toBe("Correct it.");
  expect(error.faults).toEqual(["body.model: missing"]);
});

test("a problem need not name fields", () => {
  expect(toApiError(404, { detail: "No.", remedy: "Look." }).faults).toEqual([]);
});

test.each([[undefined], [null], ["<html>"], [{ detail: "half a problem" }]])(
  "what is not a problem is told by its status: %j",
  (body) => {
    const error = toApiError(502, body);
    expect(error.message).toBe("The server answered with status 502.");
    expect(error.remedy).toBe("Try again in a minute.");
  },
);

test("silence has a remedy, too", () => {
  expect(unreachable().message).toBe("The server cannot be reached.");
  expect(unreachable().remedy).toContain("try again");
});

test("a failure knows the status of its answer, where there was one", () => {
  expect(toApiError(404, { detail: "No.", remedy: "Look." }).status).toBe(404);
  expect(toApiError(502, "<html>").status).toBe(502);
  expect(unreachable().status).toBeNull();
});
