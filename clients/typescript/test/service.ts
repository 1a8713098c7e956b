import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { DataPipelineClient } from "../src/index.js";

const run = promisify(execFile);
const startTimeoutMs = 60_000;
const stopTimeoutMs = 35_000;
const assembly = process.env["DATAPIPELINE_SERVICE"] ?? fileURLToPath(new URL("../../../../src/WebApi/bin/Debug/net10.0/DataPipeline.WebApi.dll", import.meta.url));

/** The real service as a process of its own, on a new database and a free port. */
export class Service {
  private constructor(
    readonly url: string,
    private readonly process: ChildProcess,
    private readonly folder: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  static async start(settings: Record<string, string> = {}): Promise<Service> {
    const folder = await mkdtemp(join(tmpdir(), "datapipeline-"));
    const env = {
      ...process.env,
      ASPNETCORE_ENVIRONMENT: "Production",
      ConnectionStrings__Sqlite: `Data Source=${join(folder, "test.db")}`,
      Files__Root: join(folder, "files"),
      RateLimiting__PermitLimit: "100000",
      Api__DrainSeconds: "0",
      ...settings,
    };
    const service = spawn("dotnet", [assembly, "--urls", "http://127.0.0.1:0"], { cwd: folder, env, stdio: ["ignore", "pipe", "inherit"] });
    try {
      return new Service(await addressOf(service), service, folder, env);
    } catch (error) {
      service.kill("SIGKILL");
      throw error;
    }
  }

  /** A new key. */
  async key(owner: string, ...options: string[]): Promise<string> {
    const { stdout } = await run("dotnet", [assembly, "keys", "create", "--owner", owner, "--name", "test", ...options], { cwd: this.folder, env: this.env });
    return stdout.trim();
  }

  /** A client with a new key. */
  async client(owner = "acme", ...keyOptions: string[]): Promise<DataPipelineClient> {
    return new DataPipelineClient({ baseUrl: this.url, apiKey: await this.key(owner, ...keyOptions) });
  }

  async stop(): Promise<void> {
    const ended = once(this.process, "exit", { signal: AbortSignal.timeout(stopTimeoutMs) });
    this.process.kill("SIGTERM");
    await ended;
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Where the service says that it listens. The rest of its log is read and dropped, so that it does not block on a full pipe. */
function addressOf(service: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const log: string[] = [];
    const fail = (reason: string) => reject(new Error(`${reason}:\n${log.join("\n")}`));
    const timer = setTimeout(fail, startTimeoutMs, "The service did not start");
    service.once("exit", () => fail("The service has ended"));
    createInterface({ input: service.stdout! }).on("line", (line) => {
      const address = /Now listening on: (http:\/\/127\.0\.0\.1:\d+)/.exec(line)?.[1];
      if (log.length < 100) log.push(line);
      if (address === undefined) return;
      clearTimeout(timer);
      resolve(address);
    });
  });
}
