import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { ApiError, DataPipelineClient, iterate, pluginProcessor, type Batch, type PipelineRequest, type Processor } from "../src/index.js";
import { Service } from "./service.js";

let service: Service;
let client: DataPipelineClient;
let names = 0;

before(async () => {
  service = await Service.start();
  client = await service.client();
});

after(async () => {
  await service.stop();
});

/** A definition that lets every record through, unless processors are given. */
function definition(...processors: Processor[]): PipelineRequest {
  return { name: `pipeline ${++names}`, config: { source: { type: "api" }, processors, destination: { type: "store" } } };
}

async function activePipeline(of = client): Promise<string> {
  const { id } = await of.createPipeline(definition());
  await of.startPipeline(id);
  return id;
}

const amounts: Processor = { type: "convert", tag: "amount", options: { field: "amount", type: "double" } };

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe("the main job", () => {
  interface Order {
    id: number;
    amount: string | number;
    status: string;
  }

  it("goes from a definition to delivered records, failures and their retry", async () => {
    const orders: Order[] = [
      { id: 1, amount: "12.50", status: "paid" },
      { id: 2, amount: "a lot", status: "paid" },
      { id: 3, amount: "3", status: "cancelled" },
    ];
    const request = definition(amounts, { type: "drop", if: { field: "status", equals: "cancelled" } });
    const created = await client.createPipeline(request);
    assert.equal(created.status, "created");
    assert.deepEqual(created.config, request.config);

    const tried = await client.simulatePipeline(created.id, { records: orders, verbose: true });
    assert.deepEqual(tried.results.map((result) => result.outcome), ["delivered", "failed", "dropped"]);
    assert.deepEqual(tried.results[0]?.steps?.map((step) => step.outcome), ["ok", "skipped"]);

    assert.equal((await client.startPipeline(created.id)).status, "active");
    const submitted = await client.submitRecords(created.id, orders);
    const finished = await client.waitUntilFinished(submitted, { timeoutMs: 30_000 });
    assert.equal(finished.status, "completed");
    assert.deepEqual([finished.deliveredCount, finished.failedCount, finished.droppedCount], [1, 1, 1]);
    assert.deepEqual(await collect(client.streamRecords<Order>(finished)), [{ id: 1, amount: 12.5, status: "paid" }]);

    const failures = await collect(iterate(({ cursor }) => client.listBatchErrors(created.id, finished.id, { cursor })));
    assert.deepEqual(failures.map(({ recordIndex, processor, code }) => ({ recordIndex, processor, code })), [
      { recordIndex: 1, processor: { index: 0, type: "convert", tag: "amount" }, code: "CONVERSION_FAILED" },
    ]);
    assert.deepEqual(failures[0]?.record, orders[1]);

    await client.updatePipeline(created.id, { ...request, config: { ...request.config, processors: [] } }, { ifMatch: `"${created.version}"` });
    const retried = await client.retryBatch(created.id, finished.id);
    assert.equal(retried.retryOf, finished.id);
    assert.equal((await client.waitUntilFinished(retried)).deliveredCount, 1);

    await client.stopPipeline(created.id);
    await client.deletePipeline(created.id);
    await assert.rejects(client.getPipeline(created.id), { status: 404, code: "PIPELINE_NOT_FOUND" });
  });

  it("shows a pipeline's metrics and the catalogue", async () => {
    const id = await activePipeline();
    await client.waitUntilFinished(await client.submitRecords(id, [{ a: 1 }]));

    assert.equal((await client.getPipeline(id)).metrics.recordsDelivered, 1);
    assert.equal((await client.getPipelineMetrics(id, { window: "10m", step: "1m" })).points.length, 10);
    assert.ok((await client.listProcessors()).items.some((item) => item.type === "convert" && item.builtIn));
    assert.ok((await client.listDestinations()).items.some((item) => item.type === "webhook"));
    assert.deepEqual((await client.listSources()).items.map((item) => item.type), ["api"]);
  });
});

describe("the README's example", () => {
  const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));

  it("is the one that is run", async () => {
    assert.ok((await readFile(file("../../README.md"), "utf8")).includes(await readFile(file("../../examples/orders.ts"), "utf8")));
  });

  it("does what it says", async () => {
    const env = { ...process.env, DATAPIPELINE_URL: service.url, DATAPIPELINE_KEY: await service.key("reader") };

    const { stdout } = await promisify(execFile)(process.execPath, [file("../examples/orders.js")], { env });

    assert.equal(stdout, '1 delivered, 1 failed\nada@example.com 12.5\n1 CONVERSION_FAILED amount: "a lot" is not a number\n');
  });
});

describe("submissions", () => {
  it("take an asynchronous source while it yields", async () => {
    const id = await activePipeline();
    async function* records() {
      for (let n = 0; n < 1_000; n++) yield { n };
    }

    const batch = await client.submitRecords(id, records(), { wait: 30 });

    assert.equal(batch.deliveredCount, 1_000);
  });

  it("leave nothing behind where the source throws", async () => {
    const id = await activePipeline();
    async function* records() {
      yield { n: 1 };
      throw new Error("no more");
    }

    await assert.rejects(client.submitRecords(id, records()));

    assert.deepEqual((await client.listBatches(id)).items, []);
  });

  it("take CSV, compressed", async () => {
    const id = await activePipeline();

    const batch = await client.submitBody(id, "text/csv", gzipSync("id,name\n1,Ada\n2,\"Grace, H.\"\n"), { contentEncoding: "gzip", wait: 30 });

    assert.deepEqual(await collect(client.streamRecords(batch)), [{ id: "1", name: "Ada" }, { id: "2", name: "Grace, H." }]);
  });

  it("take a list or an object of JSON", async () => {
    const id = await activePipeline();

    assert.equal((await client.submitBatch(id, [{ a: 1 }, { a: 2 }])).recordCount, 2);
    assert.equal((await client.submitBatch(id, { records: [{ a: 1 }] })).recordCount, 1);
  });

  it("create nothing when they are repeated", async () => {
    const id = await activePipeline();
    const replayed: Array<string | null> = [];
    const options = { idempotencyKey: "order-17", onResponse: (response: Response) => replayed.push(response.headers.get("Idempotent-Replayed")) };

    const first = await client.submitRecords(id, [{ a: 1 }], options);
    const second = await client.submitRecords(id, [{ a: 1 }], options);

    assert.equal(second.id, first.id);
    assert.deepEqual(replayed, [null, "true"]);
    await assert.rejects(client.submitRecords(id, [{ a: 2 }], options), { status: 422, code: "IDEMPOTENCY_KEY_REUSED" });
  });

  it("keep numbers exact as text", async () => {
    const id = await activePipeline();

    const batch = await client.submitBody(id, "application/x-ndjson", '{"n":12345678901234567890,"m":1.10}\n', { wait: 30 });

    assert.deepEqual(await collect(client.streamRecordTexts(batch)), ['{"n":12345678901234567890,"m":1.10}']);
  });
});

describe("errors", () => {
  it("name everything that is wrong with a configuration, by path", async () => {
    const request = definition({ type: "rename", options: { field: "a" } } as unknown as Processor, pluginProcessor("shuot", { options: { loud: true } }));

    const error = await refusal(client.createPipeline(request));

    assert.deepEqual([error.status, error.code, error.retryAfter], [400, "VALIDATION_FAILED", undefined]);
    assert.deepEqual(error.details.map(({ field, code }) => [field, code]), [
      ["config.processors[0].options.targetField", "REQUIRED"],
      ["config.processors[1].type", "UNKNOWN_TYPE"],
    ]);
    assert.match(error.traceId ?? "", /^[0-9a-f]{32}$/);
  });

  it("tell conflicts apart", async () => {
    const request = definition();
    const { id } = await client.createPipeline(request);

    await assert.rejects(client.createPipeline(request), { status: 409, code: "PIPELINE_NAME_CONFLICT" });
    await assert.rejects(client.stopPipeline(id), { status: 409, code: "PIPELINE_NOT_STARTED" });
    await assert.rejects(client.submitRecords(id, [{ a: 1 }]), { status: 409, code: "PIPELINE_NOT_ACTIVE" });
    await assert.rejects(client.updatePipeline(id, request, { ifMatch: '"7"' }), { status: 412, code: "VERSION_MISMATCH" });
  });

  it("say what is wrong with a key, and hide what belongs to others", async () => {
    const { id } = await client.createPipeline(definition());
    const stranger = new DataPipelineClient({ baseUrl: service.url, apiKey: "dpk_wrong" });
    const other = await service.client("other");

    await assert.rejects(stranger.listPipelines(), { status: 401, code: "API_KEY_INVALID" });
    await assert.rejects(other.getPipeline(id), { status: 404, code: "PIPELINE_NOT_FOUND" });
    assert.deepEqual((await other.listPipelines()).items, []);
  });

  it("say when to try again, past the rate limit", async () => {
    const limited = await service.client("acme", "--rate-limit", "2");
    const left: Array<string | null> = [];
    const options = { onResponse: (response: Response) => left.push(response.headers.get("RateLimit")) };
    await limited.listPipelines(options);
    await limited.listPipelines(options);

    const error = await refusal(limited.listPipelines(options));

    assert.deepEqual([error.status, error.code], [429, "RATE_LIMITED"]);
    assert.ok(error.retryAfter !== undefined && error.retryAfter >= 1 && error.retryAfter <= 61, `${error.retryAfter}`);
    assert.match(left.at(-1) ?? "", /^"default";r=0;t=\d+$/);
  });

  it("are errors of their own, also where something else answers", async () => {
    const gateway = new DataPipelineClient({
      baseUrl: service.url,
      apiKey: "dpk_any",
      fetch: async () => new Response("<html>Bad gateway</html>", { status: 502, statusText: "Bad Gateway", headers: { "Retry-After": new Date(Date.now() + 30_000).toUTCString() } }),
    });

    const error = await refusal(gateway.listPipelines());

    assert.deepEqual([error.name, error.status, error.code, error.message, error.traceId], ["ApiError", 502, "UNKNOWN", "HTTP 502 Bad Gateway", undefined]);
    assert.ok(error.retryAfter !== undefined && error.retryAfter > 25 && error.retryAfter <= 30);
  });

  async function refusal(request: Promise<unknown>): Promise<ApiError> {
    const error = await request.then(() => assert.fail("It was not refused."), (reason: unknown) => reason);
    assert.ok(error instanceof ApiError, String(error));
    return error;
  }
});

describe("pages", () => {
  it("give every item once, in order", async () => {
    const reader = await service.client("many");
    const created: string[] = [];
    for (let n = 0; n < 25; n++) created.unshift((await reader.createPipeline(definition())).id);
    let pages = 0;

    const listed = await collect(iterate(({ cursor }) => (pages++, reader.listPipelines({ limit: 10, cursor }))));

    assert.deepEqual(listed.map((pipeline) => pipeline.id), created);
    assert.equal(pages, 3);
  });

  it("are read no further than they are wanted", async () => {
    let pages = 0;
    const list = async () => (pages++, { items: [1, 2], nextCursor: "more" });

    for await (const item of iterate(list)) if (item === 2) break;

    assert.equal(pages, 1);
  });
});

describe("waiting", () => {
  let idle: Service;
  let waiter: DataPipelineClient;

  // Nothing works there, so that a batch stays pending.
  before(async () => {
    idle = await Service.start({ Worker__Enabled: "false" });
    waiter = await idle.client();
  });

  after(async () => {
    await idle.stop();
  });

  it("ends with the signal's reason", async () => {
    const batch = await waitingBatch();
    const stop = new AbortController();
    const reason = new Error("enough");

    const waiting = waiter.waitUntilFinished(batch, { signal: stop.signal });
    stop.abort(reason);

    await assert.rejects(waiting, (error) => error === reason);
  });

  it("ends with its time, and the batch goes on", async () => {
    const batch = await waitingBatch();

    await assert.rejects(waiter.waitUntilFinished(batch, { timeoutMs: 50 }), { name: "TimeoutError" });

    assert.equal((await waiter.getBatch(batch.pipelineId, batch.id)).status, "pending");
  });

  it("lasts through a service that is busy or away for a moment", async () => {
    const batch = await client.submitRecords(await activePipeline(), [{ a: 1 }], { wait: 30 });
    const answers = [429, 503];
    const busy = new DataPipelineClient({
      baseUrl: service.url,
      apiKey: "dpk_any",
      fetch: async () => {
        const status = answers.shift();
        return status === undefined ? Response.json(batch) : new Response("{}", { status, headers: { "Retry-After": "0" } });
      },
    });

    assert.equal((await busy.waitUntilFinished(batch)).status, "completed");
    assert.deepEqual(answers, []);
  });

  it("shows how far a batch is, and cancels it", async () => {
    const batch = await waitingBatch();
    const seen: Batch[] = [];

    const cancelled = await waiter.cancelBatch(batch.pipelineId, batch.id);
    const finished = await waiter.waitUntilFinished(batch, { onProgress: (current) => seen.push(current) });

    assert.equal(cancelled.status, "cancelled");
    assert.deepEqual([finished.status, finished.id, seen.length], ["cancelled", batch.id, 1]);
    await assert.rejects(waiter.cancelBatch(batch.pipelineId, batch.id), { status: 409, code: "BATCH_FINISHED" });
  });

  async function waitingBatch(): Promise<Batch> {
    return waiter.submitRecords(await activePipeline(waiter), [{ a: 1 }]);
  }
});

describe("reading", () => {
  it("answers nothing for a version that is known", async () => {
    const request = definition();
    const { id, version } = await client.createPipeline(request);

    assert.equal(await client.getPipelineIfChanged(id, version), undefined);
    await client.updatePipeline(id, { ...request, description: "changed" });
    assert.equal((await client.getPipelineIfChanged(id, version))?.version, version + 1);
  });

  it("ends a stream of records that nobody takes any further", async () => {
    const id = await activePipeline();
    const batch = await client.submitRecords(id, Array.from({ length: 5_000 }, (_, n) => ({ n })), { wait: 30 });

    const taken: number[] = [];
    for await (const { n } of client.streamRecords<{ n: number }>(batch)) {
      taken.push(n);
      if (taken.length === 3) break;
    }

    assert.deepEqual(taken, [0, 1, 2]);
    assert.equal((await collect(client.streamRecords(batch))).length, 5_000);
  });
});
