import type { ErrorBody, ErrorDetail } from "./generated.js";

/** A refusal of the service, or of whatever stands before it. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  /** The HTTP status. */
  readonly status: number;

  /** Stable, upper-case code, for example `PIPELINE_NOT_FOUND`; `UNKNOWN` where the answer did not come from the service. */
  readonly code: string;

  /** What is wrong, one by one; empty where the message says it all. */
  readonly details: readonly ErrorDetail[];

  /** Finds the request in the service's logs; undefined where the answer did not come from the service. */
  readonly traceId: string | undefined;

  /** In how many seconds trying again may help; undefined where waiting does not. */
  readonly retryAfter: number | undefined;

  constructor(status: number, code: string, message: string, details: readonly ErrorDetail[] = [], traceId?: string, retryAfter?: number) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
    this.traceId = traceId;
    this.retryAfter = retryAfter;
  }

  /** Reads the refusal from an answer that is neither a success nor "not modified". */
  static async of(response: Response): Promise<ApiError> {
    const text = await response.text();
    const retryAfter = secondsOf(response.headers.get("Retry-After"));
    const error = parse(text)?.error;
    if (typeof error?.code !== "string") return new ApiError(response.status, "UNKNOWN", `HTTP ${response.status} ${response.statusText}`.trimEnd(), [], undefined, retryAfter);
    return new ApiError(response.status, error.code, error.message, error.details, error.traceId, retryAfter);
  }
}

function parse(text: string): ErrorBody | undefined {
  try {
    return JSON.parse(text) as ErrorBody;
  } catch {
    return undefined;
  }
}

/** Seconds, or a date (RFC 9110). */
function secondsOf(retryAfter: string | null): number | undefined {
  if (retryAfter === null) return undefined;
  const seconds = /^\d+$/.test(retryAfter) ? Number(retryAfter) : (Date.parse(retryAfter) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}
