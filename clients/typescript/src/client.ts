import { ApiError } from "./errors.js";
import { eventOf, messages, type BatchEvent, type PipelineEvent } from "./events.js";
import { Operations, type Batch, type JsonObject, type Pipeline, type SubmitBatchOptions } from "./generated.js";
import { lines } from "./lines.js";
import { waiting, type Body, type RequestOptions } from "./transport.js";

/** Which batch is meant: a batch itself, or what names it. */
export interface BatchRef {
  readonly pipelineId: string;
  readonly id: string;
}

/** What {@link DataPipelineClient.waitUntilFinished} can be told. */
export interface WaitOptions extends RequestOptions {
  /** After how many milliseconds to give up, with a `TimeoutError`; never unless told. */
  timeoutMs?: number | undefined;

  /** Shown the batch each time it was looked at. */
  onProgress?: ((batch: Batch) => void) | undefined;
}

/** What {@link DataPipelineClient.watchBatch} and {@link DataPipelineClient.watchPipeline} can be told. */
export interface EventOptions extends RequestOptions {
  /** The id of the last event that the caller has of an earlier stream; from the present state on unless told. */
  lastEventId?: string | undefined;
}

/** What {@link DataPipelineClient.submitBody} can be told. */
export interface SubmitBodyOptions extends SubmitBatchOptions {
  /** How the body is compressed; not at all unless told. */
  contentEncoding?: "gzip" | "br" | "deflate" | undefined;
}

/** The types that the body of a submission can have. */
export type SubmissionType = "application/json" | "application/x-ndjson" | "text/csv";

const longestWait = 60;
const retryUnlessToldMs = 2_000;

/** A client of the service: its operations, and what is made of them. It keeps no state; one serves any number of concurrent calls. */
export class DataPipelineClient extends Operations {
  /**
   * Submits records as they come, one line of JSON each. The records of an asynchronous source are sent while it yields them; nothing of the batch is kept where it throws.
   * @throws {@link ApiError} as {@link Operations.submitBatch}.
   */
  submitRecords(pipelineId: string, records: Iterable<object> | AsyncIterable<object>, options: SubmitBatchOptions = {}): Promise<Batch> {
    const body = Symbol.asyncIterator in records ? streamOf(records) : Array.from(records, lineOf).join("");
    return this.submitBody(pipelineId, "application/x-ndjson", body, options);
  }

  /**
   * Submits a body as it is: NDJSON, CSV with a header line, or JSON.
   * @throws {@link ApiError} as {@link Operations.submitBatch}.
   */
  async submitBody(pipelineId: string, type: SubmissionType, body: Body, options: SubmitBodyOptions = {}): Promise<Batch> {
    const headers = {
      Accept: "application/json",
      "Content-Type": type,
      "Content-Encoding": options.contentEncoding,
      "Idempotency-Key": options.idempotencyKey,
      Prefer: waiting(options.wait),
    };
    const response = await this.send("POST", `/api/v1/pipelines/${encodeURIComponent(pipelineId)}/batches`, { headers, body }, options);
    return (await response.json()) as Batch;
  }

  /**
   * Waits for a batch's end, however it ends. While the service is busy or away for a moment (429, 503), it waits as long as the service asks.
   * @returns The batch: completed, failed or cancelled.
   * @throws {@link ApiError} 404: `PIPELINE_NOT_FOUND`, `BATCH_NOT_FOUND`.
   */
  async waitUntilFinished(batch: BatchRef, options: WaitOptions = {}): Promise<Batch> {
    const signals = [options.signal, options.timeoutMs === undefined ? undefined : AbortSignal.timeout(options.timeoutMs)].filter((signal) => signal !== undefined);
    const request = { ...options, wait: longestWait, signal: AbortSignal.any(signals) };
    for (;;) {
      try {
        const current = await this.getBatch(batch.pipelineId, batch.id, request);
        options.onProgress?.(current);
        if (current.completedAt !== null) return current;
      } catch (error) {
        if (!(error instanceof ApiError) || (error.status !== 429 && error.status !== 503)) throw error;
        await sleep((error.retryAfter ?? 1) * 1000, request.signal);
      }
    }
  }

  /**
   * A batch as it is now, and again each time it has come further, until it has ended: `finished` is the last. A stream that breaks off, or whose service stops, is resumed by itself,
   * and misses nothing. Whoever stops taking events ends the request.
   * @throws {@link ApiError} 401; 404: `PIPELINE_NOT_FOUND`, `BATCH_NOT_FOUND`.
   */
  async *watchBatch(batch: BatchRef, options: EventOptions = {}): AsyncGenerator<BatchEvent, void, undefined> {
    const path = `/api/v1/pipelines/${encodeURIComponent(batch.pipelineId)}/batches/${encodeURIComponent(batch.id)}/events`;
    for await (const event of this.#events(path, options)) {
      if (event.type === "pipeline") continue;
      yield event;
      if (event.type === "finished") return;
    }
  }

  /**
   * A pipeline and its unfinished batches as they are now, and then whatever happens to it and to all its batches, for as long as events are taken. Resumed by itself as {@link watchBatch};
   * what ended within a minute before may then come again.
   * @throws {@link ApiError} 401; 404: `PIPELINE_NOT_FOUND`, also once it is deleted.
   */
  async *watchPipeline(pipelineId: string, options: EventOptions = {}): AsyncGenerator<PipelineEvent, void, undefined> {
    yield* this.#events(`/api/v1/pipelines/${encodeURIComponent(pipelineId)}/events`, options);
  }

  /**
   * The delivered records of a batch, in the order of submission, read as they are taken. Whoever stops taking them ends the request.
   * The type of the records is for the caller to know.
   * @throws {@link ApiError} 404: `PIPELINE_NOT_FOUND`, `BATCH_NOT_FOUND`.
   */
  async *streamRecords<T extends object = JsonObject>(batch: BatchRef, options: RequestOptions = {}): AsyncGenerator<T, void, undefined> {
    for await (const line of this.streamRecordTexts(batch, options)) yield JSON.parse(line) as T;
  }

  /**
   * The same as text: JavaScript's numbers do not hold what JSON's can, so that 12345678901234567890 or 1.10 only survives as text.
   * @throws {@link ApiError} as {@link streamRecords}.
   */
  async *streamRecordTexts(batch: BatchRef, options: RequestOptions = {}): AsyncGenerator<string, void, undefined> {
    const path = `/api/v1/pipelines/${encodeURIComponent(batch.pipelineId)}/batches/${encodeURIComponent(batch.id)}/records`;
    const response = await this.send("GET", path, { headers: { Accept: "application/x-ndjson" } }, options);
    if (response.body !== null) yield* lines(response.body);
  }

  /**
   * Reads a pipeline if it has changed since the caller read it.
   * @param knownVersion The version that the caller has.
   * @returns The pipeline; undefined where it has that version still. Metrics change no version.
   * @throws {@link ApiError} 404: `PIPELINE_NOT_FOUND`.
   */
  async getPipelineIfChanged(pipelineId: string, knownVersion: number, options: RequestOptions = {}): Promise<Pipeline | undefined> {
    const headers = { Accept: "application/json", "If-None-Match": `"${knownVersion}"` };
    const response = await this.send("GET", `/api/v1/pipelines/${encodeURIComponent(pipelineId)}`, { headers }, options);
    return response.status === 304 ? undefined : ((await response.json()) as Pipeline);
  }

  async *#events(path: string, options: EventOptions): AsyncGenerator<PipelineEvent, void, undefined> {
    let id = options.lastEventId;
    let retryMs = retryUnlessToldMs;
    let wasOpen = false;
    for (;;) {
      let waitMs: number | undefined;
      try {
        const response = await this.send("GET", path, { headers: { Accept: "text/event-stream", "Last-Event-ID": id } }, options);
        if (response.status === 204 || response.body === null) return;
        wasOpen = true;
        for await (const message of messages(response.body)) {
          retryMs = message.retryMs ?? retryMs;
          id = message.id ?? id;
          const event = eventOf(message, id);
          if (event !== undefined) yield event;
        }
      } catch (error) {
        // What was open once is opened again, whatever the network did; a refusal stands, unless it says when to come back.
        const isOver = error instanceof ApiError ? error.status !== 429 && error.status !== 503 : !wasOpen;
        if (isOver || options.signal?.aborted === true) throw error;
        waitMs = error instanceof ApiError && error.retryAfter !== undefined ? error.retryAfter * 1000 : undefined;
      }

      await sleep(waitMs ?? retryMs, options.signal);
    }
  }
}

function lineOf(record: object): string {
  return `${JSON.stringify(record)}\n`;
}

function streamOf(records: AsyncIterable<object>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const iterator = records[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(lineOf(value)));
    },
    async cancel(reason) {
      await iterator.return?.(reason);
    },
  });
}

function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(end, milliseconds);
    signal?.addEventListener("abort", end);
    function end() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      if (signal?.aborted === true) reject(signal.reason as Error);
      else resolve();
    }
    if (signal?.aborted === true) end();
  });
}
