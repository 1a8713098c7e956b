import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { pluginProcessor, type Condition, type Processor } from "../src/index.js";

describe("the types of configurations", () => {
  it("tell processors apart by their type", () => {
    const processors: Processor[] = [{ type: "set", options: { field: "a", value: 1 } }, pluginProcessor("shout", { options: { loud: true } })];

    const fields = processors.map((processor) => (processor.type === "set" ? processor.options.field : undefined));

    assert.deepEqual(fields, ["a", undefined]);
  });

  it("refuse what the service would refuse", () => {
    // @ts-expect-error There is no such option.
    const unknownOption: Processor = { type: "set", options: { feild: "a" } };
    // @ts-expect-error There is no such type, and a plugin's is named as one.
    const unknownType: Processor = { type: "sett", options: { field: "a" } };
    // @ts-expect-error A required option is missing.
    const missingOption: Processor = { type: "rename", options: { field: "a" } };
    // @ts-expect-error A condition has a test.
    const noCondition: Condition = { all: "a" };

    assert.ok([unknownOption, unknownType, missingOption, noCondition].every((value) => typeof value === "object"));
  });

  it("nest conditions and failure handlers", () => {
    const processor: Processor = {
      type: "convert",
      if: { all: [{ field: "amount", exists: true }, { not: { any: [{ field: "status", in: ["cancelled", null] }, { field: "amount", lessThan: 0 }] } }] },
      onFailure: [{ type: "set", options: { field: "amountError", value: "{{failure.message}}" } }, { type: "terminate" }],
      options: { field: "amount", type: "double" },
    };

    assert.equal(processor.onFailure?.length, 2);
  });
});
