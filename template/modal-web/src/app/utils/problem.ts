import type { components } from "./api.gen";

type Details = components["schemas"]["ProblemDetails"];

/** What went wrong with a request, and what a person can do about it. */
export class ApiError extends Error {
  readonly remedy: string;
  readonly faults: readonly string[];
  /** The status of the answer; null when there was none. */
  readonly status: number | null;

  constructor(
    detail: string,
    remedy: string,
    faults: readonly string[] = [],
    status: number | null = null,
  ) {
    super(detail);
    this.name = "ApiError";
    this.remedy = remedy;
    this.faults = faults;
    this.status = status;
  }
}

/** Nobody answered, or not in a way that can be read. */
export function unreachable(): ApiError {
  return new ApiError(
    "The server cannot be reached.",
    "Check your connection to the network, then try again.",
  );
}

function isProblem(body: unknown): body is Details {
  return typeof body === "object" && body !== null && "detail" in body && "remedy" in body;
}

/** Read the body of a failure; what stands between page and API may answer with other things. */
export function toApiError(status: number, body: unknown): ApiError {
  if (!isProblem(body)) {
    const detail = `The server answered with status ${status}.`;
    return new ApiError(detail, "Try again in a minute.", [], status);
  }
  const faults = (body.errors ?? []).map(({ field, message }) => `${field}: ${message}`);
  return new ApiError(body.detail, body.remedy, faults, status);
}
