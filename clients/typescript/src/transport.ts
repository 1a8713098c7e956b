import { ApiError } from "./errors.js";

/** Where the service is, and who calls it. */
export interface ClientOptions {
  /** The address of the service, for example `https://pipelines.example.com`. */
  baseUrl: string | URL;

  /** The key, `dpk_…`. It says on whose behalf the client acts. */
  apiKey: string;

  /** What sends requests; the runtime's own `fetch` unless told. */
  fetch?: typeof globalThis.fetch | undefined;
}

/** What every request can be told. */
export interface RequestOptions {
  /** Ends the request, and whatever the method does after it, with the signal's reason. */
  signal?: AbortSignal | undefined;

  /** Headers to send besides, for example `traceparent` or `X-Request-Id`. */
  headers?: Readonly<Record<string, string>> | undefined;

  /** Shown each answer before its body is read: for headers such as `RateLimit` or `Idempotent-Replayed`. */
  onResponse?: ((response: Response) => void) | undefined;
}

/** A body that can be sent as it is. */
export type Body = NonNullable<RequestInit["body"]>;

interface Parts {
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/** Sends requests and reads answers. */
export class Transport {
  readonly #baseUrl: string;
  readonly #apiKey: string;
  readonly #fetch: typeof globalThis.fetch;

  constructor(options: ClientOptions) {
    this.#baseUrl = String(options.baseUrl).replace(/\/+$/, "");
    this.#apiKey = options.apiKey;
    this.#fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  }

  /** Sends JSON and answers the JSON of a success, undefined where it has no body. */
  protected async request<T>(method: string, path: string, parts: Parts & { readonly body?: unknown }, options: RequestOptions): Promise<T> {
    const headers = { ...parts.headers, Accept: "application/json", "Content-Type": parts.body === undefined ? undefined : "application/json" };
    const response = await this.send(method, path, { ...parts, headers, body: parts.body === undefined ? undefined : JSON.stringify(parts.body) }, options);
    return (response.status === 204 ? undefined : await response.json()) as T;
  }

  /**
   * Sends a body as it is.
   * @returns The answer where it is a success or "not modified", its body unread.
   * @throws {@link ApiError} otherwise.
   */
  protected async send(method: string, path: string, parts: Parts & { readonly body?: Body | undefined }, options: RequestOptions): Promise<Response> {
    const url = new URL(this.#baseUrl + path);
    for (const [name, value] of Object.entries(parts.query ?? {})) if (value !== undefined) url.searchParams.set(name, String(value));
    const headers = new Headers(options.headers);
    headers.set("X-API-Key", this.#apiKey);
    for (const [name, value] of Object.entries(parts.headers ?? {})) if (value !== undefined) headers.set(name, value);
    const request: RequestInit & { duplex?: "half" } = { method, headers };
    if (options.signal !== undefined) request.signal = options.signal;
    if (parts.body !== undefined) Object.assign(request, { body: parts.body, duplex: "half" }); // Without it a stream is no body.
    const response = await this.#fetch(url, request);
    options.onResponse?.(response);
    if (!response.ok && response.status !== 304) throw await ApiError.of(response);
    return response;
  }
}

/** @internal The value of `Prefer` that asks for an answer once a batch has ended. */
export function waiting(seconds: number | undefined): string | undefined {
  return seconds === undefined ? undefined : `wait=${seconds}`;
}
