import { certificatesAt } from "../endpoint";
import type { Reading } from "./sources";
import { couldNotRead, inPath, inSecrets, read, together } from "./sources";
import { exportStack, inStack } from "./stack";

/** What the user names to be read. */
export interface SourceOptions {
  stack?: string | true;
  export?: string;
  file?: string[];
  caFile?: string[];
  secrets?: string;
  all?: true;
  endpoint?: string[];
}

/** Something that holds certificates. */
export interface Source {
  name: string;
  read(): Reading | Promise<Reading>;
}

/** What all sources hold. One that fails is one line of the report. */
export const gather = async (sources: Source[]): Promise<Reading> =>
  together(await Promise.all(sources.map(readSource)));

async function readSource(source: Source): Promise<Reading> {
  try {
    return await source.read();
  } catch (error) {
    return { found: [], unreadable: [couldNotRead(source.name, error as Error)] };
  }
}

/** The sources that the options name. */
export function sourcesOf(options: SourceOptions): Source[] {
  const { stack, export: exported } = options;
  const stackName = typeof stack === "string" ? `stack ${stack}` : "the stack";
  return [
    ...(stack === undefined
      ? []
      : [{ name: stackName, read: async () => inStack(stackName, await exportStack(stack)) }]),
    ...(exported === undefined ? [] : [{ name: exported, read: () => inStack("the stack", read(exported)) }]),
    ...sourcesBeside(options),
  ];
}

/** The sources that the options name beside a stack. */
export function sourcesBeside({ file = [], caFile = [], secrets, all, endpoint = [] }: SourceOptions): Source[] {
  return [
    ...[...new Set([...file, ...caFile])].map((path) => ({ name: path, read: () => inPath(path) })),
    ...(secrets === undefined ? [] : [{ name: secrets, read: () => inSecrets(read(secrets), all === true) }]),
    ...endpoint.map((address) => ({ name: address, read: () => atEndpoint(address) })),
  ];
}

async function atEndpoint(source: string): Promise<Reading> {
  const certificates = await certificatesAt(source);
  return { found: certificates.map((certificate) => ({ source, place: "endpoint", certificate })), unreadable: [] };
}
