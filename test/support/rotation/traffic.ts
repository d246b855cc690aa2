import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import { setTimeout as delay } from "node:timers/promises";
import { Etcd3, type IOptions, type Watcher } from "etcd3";
import type { ClientFiles } from "./rollout";

// etcd3's own retries would hide from the figures what happens.
const { noop } = createRequire(require.resolve("etcd3"))("cockatiel") as { noop: never };

/** A request counts as failed if no attempt within this time succeeds. */
const PATIENCE_MS = 8_000;
const ATTEMPT_MS = 2_000;
const PAUSE_MS = 25;
/** As many requests say that none fails. A slow machine takes longer for them. */
const ENOUGH = 100;

/** What the clients of one component met. */
export interface Figures {
  requests: number;
  failed: number;
  /** Attempts that were made again. */
  repeated: number;
  longestMs: number;
  /** Whether the watcher saw every write, in order. */
  isComplete: boolean;
  /** The first thing that went wrong for good, in etcd's words. */
  firstFailure?: string;
}

/** No request has failed, no event was missed, and there were enough of them to say so. */
export function nothingFailed(figures: Record<string, Figures>): void {
  for (const [component, { failed, isComplete, requests, firstFailure }] of Object.entries(figures)) {
    assert.deepEqual(
      { component, failed, isComplete, firstFailure },
      { component, failed: 0, isComplete: true, firstFailure: undefined },
    );
    assert.ok(requests >= ENOUGH);
  }
}

/** A writer, a reader and a watcher of one component, at work until they are stopped. */
export class Traffic {
  private readonly figures = { requests: 0, failed: 0, repeated: 0, longestMs: 0 };
  private readonly seen: number[] = [];
  private readonly key: string;
  private firstFailure?: string;
  private acknowledged = 0;
  private nextRevision = 1;
  private isStopped = false;
  private isWatching = true;
  private client: Etcd3;
  private watcher?: Watcher;
  private readonly requests: Promise<void>[];

  constructor(
    component: string,
    private readonly endpoints: string[],
    files: ClientFiles,
  ) {
    this.key = `/${component}/${randomUUID()}`;
    this.client = connect(endpoints, files);
    this.requests = [this.write(), this.read()];
    void this.watch();
  }

  /** As a client process that is started anew with these files; requests under way end on the old connection. */
  async restart(files: ClientFiles): Promise<void> {
    const old = this.client;
    const watcher = this.watcher;
    this.client = connect(this.endpoints, files);
    this.watcher = undefined;
    forget(watcher);
    await delay(ATTEMPT_MS / 4);
    old.close();
    await this.progress();
  }

  /** Waits until a write has gone through, or has failed for good. */
  async progress(): Promise<void> {
    const { acknowledged } = this;
    const { failed } = this.figures;
    while (this.acknowledged < acknowledged + 3 && this.figures.failed === failed) await delay(PAUSE_MS);
  }

  async stop(): Promise<Figures> {
    while (this.figures.requests < ENOUGH && this.figures.failed === 0) await delay(PAUSE_MS);
    this.isStopped = true;
    await Promise.all(this.requests);
    // The watcher may be some events behind.
    for (let waited = 0; !this.isComplete() && waited < PATIENCE_MS; waited += 50) await delay(50);
    this.isWatching = false;
    forget(this.watcher);
    this.client.close();
    return { ...this.figures, isComplete: this.isComplete(), firstFailure: this.firstFailure };
  }

  // A write that was repeated may be there twice, the second time later.
  private isComplete(): boolean {
    const once = [...new Set(this.seen)];
    return once.length >= this.acknowledged && once.every((value, i) => value === i + 1);
  }

  private async write(): Promise<void> {
    for (let value = 1; !this.isStopped; value++) {
      const isWritten = await this.request(() => this.client.put(this.key).value(value).exec());
      if (isWritten) this.acknowledged = value;
      await delay(PAUSE_MS);
    }
  }

  private async read(): Promise<void> {
    for (; !this.isStopped; await delay(PAUSE_MS)) {
      const least = this.acknowledged;
      await this.request(async () => {
        const value = Number(await this.client.get(this.key).string());
        if (value < least) throw new Error(`read ${value} after ${least} was written: a write is lost`);
      });
    }
  }

  private async watch(): Promise<void> {
    for (; this.isWatching; await delay(PAUSE_MS)) if (this.watcher === undefined) this.watchOn();
  }

  /** Goes on where the last watcher ended. */
  private watchOn(): void {
    // Listened to from the first moment: what `create` awaits may come together with the first events.
    const watcher = this.client.watch().key(this.key).startRevision(String(this.nextRevision)).watcher();
    this.watcher = watcher;
    const isCurrent = () => this.watcher === watcher;
    const giveUp = () => {
      if (isCurrent()) this.watcher = undefined;
      forget(watcher);
    };
    const patience = setTimeout(giveUp, ATTEMPT_MS);
    watcher.on("connected", () => clearTimeout(patience));
    watcher.on("put", ({ value, mod_revision }) => {
      if (!isCurrent()) return;
      this.seen.push(Number(value.toString()));
      this.nextRevision = Number(mod_revision) + 1;
    });
    for (const end of ["disconnected", "error", "end"]) watcher.on(end as "end", giveUp);
  }

  private async request(attempt: () => PromiseLike<unknown>): Promise<boolean> {
    const begin = Date.now();
    for (;;) {
      const problem = await Promise.resolve(attempt()).then(
        () => undefined,
        (error: Error) => error,
      );
      const lasted = Date.now() - begin;
      if (problem !== undefined && lasted < PATIENCE_MS && !this.isStopped) {
        this.figures.repeated++;
        await delay(50);
        continue;
      }
      this.figures.requests++;
      this.figures.longestMs = Math.max(this.figures.longestMs, lasted);
      if (problem !== undefined) {
        this.figures.failed++;
        this.firstFailure ??= problem.message;
      }
      return problem === undefined;
    }
  }
}

// Its end may never be confirmed on a connection that is gone.
const forget = (watcher?: Watcher) => void watcher?.cancel().catch(() => undefined);

function connect(hosts: string[], { caBundlePem, certPem, privateKeyPem }: ClientFiles): Etcd3 {
  const options: IOptions = {
    hosts,
    credentials: {
      rootCertificate: Buffer.from(caBundlePem),
      certChain: Buffer.from(certPem),
      privateKey: Buffer.from(privateKeyPem),
    },
    // A watch has no end.
    defaultCallOptions: ({ isStream }) => (isStream ? {} : { deadline: Date.now() + ATTEMPT_MS }),
    faultHandling: { host: () => noop, global: noop },
  };
  return new Etcd3(options);
}
