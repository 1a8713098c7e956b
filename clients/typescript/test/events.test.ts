import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { ApiError, DataPipelineClient, type PipelineEvent } from "../src/index.js";
import { messages, type Message } from "../src/events.js";
import { Service } from "./service.js";

async function messagesOf(...chunks: string[]): Promise<Message[]> {
  const all: Message[] = [];
  const bytes = chunks.map((chunk) => new TextEncoder().encode(chunk));
  for await (const message of messages(ReadableStream.from(bytes) as ReadableStream<Uint8Array>)) all.push(message);
  return all;
}

describe("messages", () => {
  it("are read wherever the stream is cut", async () => {
    const text = 'retry: 1500\n\n:\n\nid: 1\nevent: progress\ndata: {"a":\ndata: "Zoë"}\n\nevent:finished\ndata:x\nunknown\n\n';
    for (let cut = 0; cut <= text.length; cut++) {
      assert.deepEqual(await messagesOf(text.slice(0, cut), text.slice(cut)), [
        { type: "message", id: undefined, retryMs: 1500, data: undefined },
        { type: "progress", id: "1", retryMs: undefined, data: '{"a":\n"Zoë"}' },
        { type: "finished", id: "1", retryMs: undefined, data: "x" },
      ]);
    }
  });

  it("are none where they are cut off", async () => assert.deepEqual(await messagesOf("id: 1\ndata: x\n"), []));
});

describe("events", () => {
  let service: Service;
  let client: DataPipelineClient;

  before(async () => {
    service = await Service.start();
    client = await service.client();
  });

  after(() => service.stop());

  async function pipeline(): Promise<string> {
    const { id } = await client.createPipeline({ name: crypto.randomUUID(), config: { source: { type: "api" }, processors: [], destination: { type: "store" } } });
    await client.startPipeline(id);
    return id;
  }

  it("follow a batch to its end, and are over then", async () => {
    const batch = await client.submitRecords(await pipeline(), [{ a: 1 }, { a: 2 }]);
    const events = [];
    for await (const event of client.watchBatch(batch)) events.push(event);

    const last = events.at(-1);
    assert.equal(last?.type, "finished");
    assert.deepEqual(last?.batch, await client.getBatch(batch.pipelineId, batch.id));
    assert.ok(events.slice(0, -1).every((event) => event.type === "progress"));
    for await (const again of client.watchBatch(batch, { lastEventId: last?.id })) assert.fail(again.type);
  });

  it("of a pipeline are resumed after every break, and miss no end", async () => {
    const id = await pipeline();
    let opened = 0;
    // Each connection breaks after its first bytes.
    const breaking = new DataPipelineClient({
      baseUrl: service.url,
      apiKey: await service.key("acme"),
      fetch: async (input, init) => {
        const response = await fetch(input, init);
        opened++;
        if (opened > 3 || response.body === null) return response;
        const reader = response.body.getReader();
        let reads = 0;
        const broken = new ReadableStream<Uint8Array>({
          async pull(controller) {
            const { value } = await reader.read();
            if (++reads > 2 || value === undefined) {
              await reader.cancel();
              controller.error(new TypeError("terminated"));
            } else controller.enqueue(value);
          },
        });
        return new Response(broken, response);
      },
    });
    const awaited = new Set<string>();
    const events: PipelineEvent[] = [];
    for await (const event of breaking.watchPipeline(id)) {
      events.push(event);
      if (event.type === "finished") awaited.delete(event.batch.id);
      if (awaited.size === 0 && opened > 3) break;
      if (opened <= 3) awaited.add((await client.submitRecords(id, [{ a: 1 }])).id);
    }

    assert.equal(awaited.size, 0);
    assert.equal(events[0]?.type, "pipeline");
  });

  it("end with the signal, and with a refusal", async () => {
    const id = await pipeline();
    const stop = new AbortController();
    await assert.rejects(async () => {
      for await (const event of client.watchPipeline(id, { signal: stop.signal })) if (event.type === "pipeline") stop.abort();
    }, { name: "AbortError" });
    await assert.rejects(async () => {
      for await (const event of client.watchPipeline(crypto.randomUUID())) assert.fail(event.type);
    }, (error) => error instanceof ApiError && error.code === "PIPELINE_NOT_FOUND");
    await assert.rejects(async () => {
      for await (const event of client.watchPipeline(id)) {
        if (event.type !== "pipeline" || event.pipeline.status !== "active") continue;
        await client.stopPipeline(id);
        await client.deletePipeline(id);
      }
    }, (error) => error instanceof ApiError && error.status === 404);
  });
});
