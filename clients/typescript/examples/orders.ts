import { ApiError, DataPipelineClient, iterate } from "@datapipeline/client";

const client = new DataPipelineClient({
  baseUrl: process.env["DATAPIPELINE_URL"] ?? "http://localhost:5080",
  apiKey: process.env["DATAPIPELINE_KEY"] ?? "",
});

// A configuration is checked whole: the error names every mistake, each with its path.
const pipeline = await client.createPipeline({
  name: "orders",
  config: {
    source: { type: "api" },
    processors: [
      { type: "rename", options: { field: "customer.email", targetField: "email" } },
      { type: "convert", tag: "amount", options: { field: "amount", type: "double" } },
      { type: "drop", if: { field: "status", equals: "cancelled" } },
    ],
    destination: { type: "store" },
  },
});
await client.startPipeline(pipeline.id);

interface Order {
  customer: { email: string };
  amount: string;
  status: string;
}
const orders: Order[] = [
  { customer: { email: "ada@example.com" }, amount: "12.50", status: "paid" },
  { customer: { email: "grace@example.com" }, amount: "a lot", status: "paid" },
];

const submitted = await client.submitRecords(pipeline.id, orders, { idempotencyKey: "orders of Monday" });
const batch = await client.waitUntilFinished(submitted, { timeoutMs: 60_000 });
console.log(`${batch.deliveredCount} delivered, ${batch.failedCount} failed`);

for await (const record of client.streamRecords<{ email: string; amount: number }>(batch)) console.log(record.email, record.amount);

for await (const failure of iterate(({ cursor }) => client.listBatchErrors(pipeline.id, batch.id, { cursor })))
  console.log(failure.recordIndex, failure.code, failure.message);

try {
  await client.stopPipeline(pipeline.id);
  await client.deletePipeline(pipeline.id);
} catch (error) {
  if (error instanceof ApiError && error.code === "PIPELINE_HAS_ACTIVE_BATCHES") console.log("Later.");
  else throw error;
}
