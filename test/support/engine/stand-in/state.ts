import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { specialSigKey } from "@pulumi/pulumi/runtime/rpc";
import type { State, StateResource } from "../types";
import { isSecret, rewrite, secret, type Properties } from "./values";

/** A resource as the stand-in keeps it; secrets are marked, not yet encrypted. */
export interface Resource extends StateResource {
  inputs: Properties;
  outputs: Properties;
  /** Replaced, but its deletion failed: the next run tries again. */
  delete?: boolean;
  retainOnDelete?: boolean;
  additionalSecretOutputs?: string[];
  replacementTrigger?: unknown;
}

interface StateFile extends State {
  salt: string;
}

const SEALED = "v1";

function seal(value: unknown, key: Buffer): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const text = Buffer.concat([cipher.update(JSON.stringify(value) ?? "null"), cipher.final()]);
  return [SEALED, ...[nonce, cipher.getAuthTag(), text].map((part) => part.toString("base64"))].join(":");
}

function unseal(sealed: string, key: Buffer): unknown {
  const [nonce, tag, text] = sealed
    .split(":")
    .slice(1)
    .map((part) => Buffer.from(part, "base64")) as Buffer[];
  const decipher = createDecipheriv("aes-256-gcm", key, nonce!).setAuthTag(tag!);
  return JSON.parse(Buffer.concat([decipher.update(text!), decipher.final()]).toString());
}

const isShown = (value: unknown): value is { plaintext: string } =>
  typeof value === "object" && value !== null && specialSigKey in value && "plaintext" in value;

const isSealed = (value: unknown): value is { ciphertext: string } =>
  typeof value === "object" && value !== null && specialSigKey in value && "ciphertext" in value;

/** The state file: like the engine's own, each secret value in it is encrypted with the passphrase. */
export class StateStore {
  constructor(
    private readonly file: string,
    private readonly passphrase: string,
  ) {}

  private readFile(): StateFile {
    if (!existsSync(this.file)) return { version: 3, salt: randomBytes(16).toString("base64"), deployment: {} };
    return JSON.parse(readFileSync(this.file, "utf8")) as StateFile;
  }

  export(): State {
    const { version, deployment } = this.readFile();
    return { version, deployment };
  }

  /** The same with its secrets in clear. */
  shown(): State {
    const show = (value: unknown) =>
      isSecret(value) ? { value: { ...secret(undefined), plaintext: JSON.stringify(value.value) } } : undefined;
    return { ...this.export(), deployment: { resources: rewrite(this.load(), show) as StateResource[] } };
  }

  import({ version, deployment }: State): void {
    this.write({ version, salt: this.readFile().salt, deployment });
  }

  load(): Resource[] {
    const { salt, deployment } = this.readFile();
    const key = scryptSync(this.passphrase, Buffer.from(salt, "base64"), 32);
    const open = (value: unknown) => {
      if (isSealed(value)) return { value: secret(unseal(value.ciphertext, key)) };
      return isShown(value) ? { value: secret(JSON.parse(value.plaintext)) } : undefined;
    };
    return rewrite(deployment.resources ?? [], open) as Resource[];
  }

  save(resources: Resource[]): void {
    const { version, salt } = this.readFile();
    const key = scryptSync(this.passphrase, Buffer.from(salt, "base64"), 32);
    const close = (value: unknown) =>
      isSecret(value) ? { value: { ...secret(undefined), ciphertext: seal(value.value, key) } } : undefined;
    this.write({ version, salt, deployment: { resources: rewrite(resources, close) as StateResource[] } });
  }

  private write(content: StateFile): void {
    mkdirSync(dirname(this.file), { recursive: true });
    // A file is replaced as a whole: a run that is killed leaves the last good one.
    writeFileSync(`${this.file}.new`, JSON.stringify(content, undefined, 2), { mode: 0o600 });
    renameSync(`${this.file}.new`, this.file);
  }
}
