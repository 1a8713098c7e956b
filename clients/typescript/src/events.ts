import type { Batch, PipelineStatus } from "./generated.js";
import { lines } from "./lines.js";

/** A pipeline as events show it. */
export interface PipelineState {
  id: string;
  name: string;
  status: PipelineStatus;
  version: number;
  updatedAt: string;
}

/** A batch as it is now: `progress` until it has ended, then `finished`. */
export interface BatchEvent {
  readonly type: "progress" | "finished";

  /** Goes on after this event, as `lastEventId`; undefined before the first that can be gone on after. */
  readonly id: string | undefined;

  readonly batch: Batch;
}

/** What a pipeline's stream tells: its batches as they are now, and the pipeline itself when it was started, stopped or redefined. */
export type PipelineEvent = BatchEvent | { readonly type: "pipeline"; readonly id: string | undefined; readonly pipeline: PipelineState };

/** @internal A message of a stream of server-sent events. One without data only says how to go on. */
export interface Message {
  readonly type: string;
  readonly id: string | undefined;
  readonly data: string | undefined;
  readonly retryMs: number | undefined;
}

/** @internal The messages of a stream, as the HTML standard reads them. One that is cut off is none. */
export async function* messages(stream: ReadableStream<Uint8Array>): AsyncGenerator<Message, void, undefined> {
  let type = "message";
  let id: string | undefined;
  let retryMs: number | undefined;
  let data: string[] = [];
  for await (const line of lines(stream)) {
    if (line === "") {
      if (data.length > 0 || retryMs !== undefined) yield { type, id, retryMs, data: data.length > 0 ? data.join("\n") : undefined };
      type = "message";
      retryMs = undefined;
      data = [];
      continue;
    }

    const colon = line.indexOf(":");
    if (colon === 0) continue; // A comment: the stream is alive.
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") type = value;
    else if (field === "data") data.push(value);
    else if (field === "id") id = value;
    else if (field === "retry" && /^\d+$/.test(value)) retryMs = Number(value);
  }
}

/** @internal The event that a message is; undefined for one of a kind that this version does not know. */
export function eventOf({ type, data = "null" }: Message, id: string | undefined): PipelineEvent | undefined {
  if (type === "progress" || type === "finished") return { type, id, batch: JSON.parse(data) as Batch };
  return type === "pipeline" ? { type, id, pipeline: JSON.parse(data) as PipelineState } : undefined;
}
