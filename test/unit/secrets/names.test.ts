import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { isLabelValue, isObjectName, labelValue, objectName } from "../../../src/secrets/names";

// The digits are the beginning of the text's SHA-256; a change of any line renames a live Secret.
const derived: [text: string, name: string, label: string][] = [
  ["my-app", "my-app", "my-app"],
  ["etcd.example.com", "etcd.example.com", "etcd.example.com"],
  ["system:kube-apiserver", "system-kube-apiserver-3394c960", "system-kube-apiserver-3394c960"],
  ["system_kube_apiserver", "system-kube-apiserver-53fbb372", "system_kube_apiserver"],
  ["Patroni", "patroni-302c2929", "Patroni"],
  ["patroni@db", "patroni-db-6fbf7394", "patroni-db-6fbf7394"],
  ["etcd user", "etcd-user-102e9833", "etcd-user-102e9833"],
  [":", "e7ac0786", "e7ac0786"],
];

describe("A name that Kubernetes does not take", () => {
  for (const [text, name, label] of derived) {
    it(`becomes one that it takes: ${JSON.stringify(text)} as an object ${name}, as a label ${label}`, () => {
      assert.deepEqual([objectName(text), labelValue(text)], [name, label]);
    });
  }

  it("becomes no other name's, however long or odd it is", () => {
    const texts = [
      "a:b",
      "a b",
      "a-b",
      "A-b",
      "a@b",
      "a:b ",
      "-a-b-",
      "é",
      `${"x".repeat(300)}1`,
      `${"x".repeat(300)}2`,
    ];
    const names = texts.map(objectName);
    const labels = texts.map(labelValue);
    assert.deepEqual([new Set(names).size, new Set(labels).size], [texts.length, texts.length]);
    assert.ok(names.every(isObjectName), names.join("\n"));
    assert.ok(labels.every(isLabelValue), labels.join("\n"));
  });
});
