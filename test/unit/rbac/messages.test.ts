import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { say, withMessages } from "../../../src/rbac/messages";

describe("What an update of users and roles says", () => {
  it("leaves out no call, however many there are", async () => {
    const said: string[] = [];
    const calls = Array.from({ length: 2000 }, (_, i) => `grant app read on /app/${i}`);
    const messages = { info: (text: string) => void said.push(text), warn: assert.fail };
    await withMessages(messages, async () => say(calls, ["calls:"]));
    assert.deepEqual(said, [["calls:", ...calls].join("\n")]);
  });
});
