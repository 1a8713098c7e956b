export * from "./client.js";
export * from "./errors.js";
export type { BatchEvent, PipelineEvent, PipelineState } from "./events.js";
export * from "./generated.js";
export * from "./pages.js";
export * from "./plugins.js";
export type { Body, ClientOptions, RequestOptions } from "./transport.js";
