import type { PermissionArgs, PresetArgs } from "../args";
import { shown } from "../shape";
import type { Program } from "./entries";
import { granted, parseMinor } from "./entries";
import { programs } from "./programs";

/**
 * The permissions of a program.
 * @param preset - the program's name, its version and its prefix
 * @returns what to put into a component's `permissions`
 * @throws Error in words if `presetProblems` finds any
 */
export function permissionsOf(preset: PresetArgs): PermissionArgs[] {
  const problems = presetProblems(`preset ${shown(preset.name)}`, preset);
  if (problems.length > 0) throw new Error(`${problems.join(". ")}.`);
  const { prefix: place, entries } = programs[preset.name]!;
  const minor = preset.version === undefined ? undefined : parseMinor(preset.version);
  return granted(entries(trimmed(preset.prefix ?? place?.usual ?? "")), minor);
}

/**
 * What is wrong with a preset, a sentence each. A name, version or argument that the presets do not know is refused: a
 * permission too few stops a program, and one too many nobody sees.
 */
export function presetProblems(path: string, { name, version, prefix }: PresetArgs): string[] {
  const program = Object.hasOwn(programs, name) ? programs[name] : undefined;
  if (!program) return [`${path}: there is no preset ${shown(name)}; give one of ${Object.keys(programs).join(", ")}`];
  return [
    ...(version === undefined ? [] : versionProblems(`${path}: version is ${shown(version)}`, name, version, program)),
    ...(prefix === undefined ? [] : prefixProblems(`${path}: prefix is ${shown(prefix)}`, name, prefix, program)),
  ];
}

function versionProblems(problem: string, name: string, version: string, { versions }: Program): string[] {
  if (!versions) return [`${problem}, but ${name} has the same permissions in every version; leave version out`];
  const minor = parseMinor(version);
  if (minor !== undefined && minor >= versions.oldestMinor) return [];
  return [
    `${problem}; give ${name}'s version as "${versions.example}" or "v${versions.example}.1", ` +
      `at least 3.${versions.oldestMinor}, or leave it out for the documented table`,
  ];
}

function prefixProblems(problem: string, name: string, prefix: string, { prefix: place }: Program): string[] {
  if (!place) return [`${problem}, but where ${name} keeps its keys cannot be chosen; leave prefix out`];
  if (trimmed(prefix) !== "") return [];
  return [`${problem}, which is every key; give ${name}'s ${place.argument}, such as ${shown(place.usual)}`];
}

// As the programs join it: what was given, without a slash at its ends and with one between its parts.
const trimmed = (prefix: string) => prefix.split("/").filter(Boolean).join("/");
