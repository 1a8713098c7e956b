import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { lines } from "../src/lines.js";

async function linesOf(...chunks: Uint8Array[]): Promise<string[]> {
  const all: string[] = [];
  for await (const line of lines(ReadableStream.from(chunks) as ReadableStream<Uint8Array>)) all.push(line);
  return all;
}

const bytes = (text: string) => new TextEncoder().encode(text);

describe("lines", () => {
  it("are found wherever the stream is cut, also within a character", async () => {
    const whole = bytes('{"name":"Zoë 🦀"}\r\n\n{"name":"Ada"}\nlast');
    for (let cut = 0; cut <= whole.length; cut++) {
      assert.deepEqual(await linesOf(whole.subarray(0, cut), whole.subarray(cut)), ['{"name":"Zoë 🦀"}', "", '{"name":"Ada"}', "last"]);
    }
  });

  it("are none in an empty stream, and one without an end at its end", async () => {
    assert.deepEqual(await linesOf(), []);
    assert.deepEqual(await linesOf(bytes("a\n")), ["a"]);
  });

  it("cancel the stream when nobody takes them any further", async () => {
    let cancelled = false;
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(bytes("a\nb\n")),
      cancel: () => {
        cancelled = true;
      },
    });

    for await (const line of lines(stream)) if (line === "b") break;

    assert.ok(cancelled);
  });
});
