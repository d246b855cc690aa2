import assert from "node:assert/strict";
import * as grpc from "@grpc/grpc-js";
import * as pulumi from "@pulumi/pulumi";
import { deserializeProperties, serializeProperties } from "@pulumi/pulumi/runtime";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { before, describe, it } from "mocha";
import { engineLog, isWhollyKnown, opened, sealed, secretNames } from "../../src/pulumi";

describe("what this package knows of Pulumi's insides", () => {
  // Without an engine Pulumi does not know that secrets are understood.
  before(() => pulumi.runtime.setMocks({ call: () => ({}), newResource: () => ({ id: "", state: {} }) }));

  const given = { plain: "a", key: pulumi.secret("b"), nested: { list: [pulumi.secret("c")], text: "d" } };

  it("opens secrets as Pulumi writes them, wherever they are, and names the properties that have some", async () => {
    const wire = await serializeProperties("test", given);
    assert.notEqual(wire["key"], "b");
    assert.deepEqual(secretNames(wire), ["key", "nested"]);
    assert.deepEqual(opened(wire), { plain: "a", key: "b", nested: { list: ["c"], text: "d" } });
  });

  it("seals whole properties as Pulumi reads them", async () => {
    const wire = sealed({ plain: "a", key: "b", nested: { text: "c" }, none: undefined }, ["key", "nested", "none"]);
    const { none, ...others } = wire;
    assert.equal(none, undefined);
    const read = deserializeProperties(Struct.fromJavaScript(others as never)) as Record<string, unknown>;
    assert.equal(read["plain"], "a");
    for (const name of ["key", "nested"]) assert.ok(pulumi.runtime.isRpcSecret(read[name]), name);
    assert.deepEqual(pulumi.runtime.unwrapRpcSecret(read["nested"]), { text: "c" });
  });

  it("knows the placeholder that Pulumi writes for a value of the update", async () => {
    const unknown = new (pulumi.Output as unknown as new (...args: unknown[]) => unknown)(
      new Set(),
      Promise.resolve(undefined),
      Promise.resolve(false),
      Promise.resolve(false),
      Promise.resolve(new Set()),
    );
    const wire = await serializeProperties("test", { list: [{ unknown }] });
    assert.equal(isWhollyKnown(wire), false);
    assert.equal(isWhollyKnown(await serializeProperties("test", { list: [{ unknown: "known" }] })), true);
    assert.equal(isWhollyKnown(undefined), true);
  });

  it("finds the engine among a plugin's arguments, and logs there under a URN", async () => {
    const server = new grpc.Server();
    const logged: unknown[] = [];
    server.addService(EngineService as never, {
      log: ({ request }: { request: LogRequest }, done: (error: null, response: Empty) => void) => {
        logged.push([request.getUrn(), request.getSeverity(), request.getMessage()]);
        done(null, new Empty());
      },
    });
    const port = await new Promise<number>((resolve) =>
      server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (_, bound) => resolve(bound)),
    );
    const log = engineLog(["--logtostderr", "-v=9", "--tracing", "tcp://x", `127.0.0.1:${port}`]);
    await log("urn:a", "info", "first");
    await log("urn:a", "warning", "second");
    server.forceShutdown();
    assert.deepEqual(logged, [
      ["urn:a", 1, "first"],
      ["urn:a", 2, "second"],
    ]);
  });
});
