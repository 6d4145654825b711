import { vi } from "vitest";
import type { AuditRow, Task } from "../app/utils/api";

type Answer = (request: Request) => Response | Promise<Response>;

/** An answer of the API: a body, and a status. */
export function json(body: unknown, status = 200): Answer {
  return () =>
    new Response(JSON.stringify(body), {
      status,
      headers: { "Content-Type": "application/json" },
    });
}

/** A failure as the API answers it. */
export function problem(status = 429): Answer {
  const errors = [{ field: "body.size", message: "too large" }];
  return json({ status, detail: "Too much was asked.", remedy: "Ask for less.", errors }, status);
}

/** A picture; what it shows does not matter here. */
export function picture(): Response {
  return new Response(new Blob(["PNG"], { type: "image/png" }));
}

/** An answer that lets a test wait: nothing is answered before `give` is called. */
export function delayed(answer: Answer): { answer: Answer; give: () => void } {
  let give = () => {};
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return {
    answer: async (request) => {
      await given;
      return answer(request);
    },
    give: () => give(),
  };
}

/**
 * Answer in place of the API; keys are like "GET /api/tasks".
 *
 * Returns the requests that come in. What no answer is given for is as if nobody were there.
 */
export function stubApi(answers: Record<string, Answer>): Request[] {
  const requests: Request[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    requests.push(request);
    const answer = answers[`${request.method} ${new URL(request.url).pathname}`];
    if (answer === undefined) {
      throw new TypeError("Failed to fetch");
    }
    return answer(request);
  });
  return requests;
}

/** A task as the API answers it. */
export function aTask(changes: Partial<Task> = {}): Task {
  return {
    id: "0123456789abcdef",
    model: "reaction-diffusion",
    parameters: { size: 128, seed: 3 },
    state: "done",
    progress: 0,
    reason: null,
    created_at: "2030-01-02T03:04:05Z",
    changed_at: "2030-01-02T03:04:06Z",
    ...changes,
  };
}

/** A row of the audit log as the API answers it. */
export function aRow(changes: Partial<AuditRow> = {}): AuditRow {
  return {
    number: 1,
    at: "2030-01-02T03:04:05Z",
    actor: "executor",
    task_id: "0123456789abcdef",
    previous: "pending",
    state: "processing",
    reason: null,
    ...changes,
  };
}
