import { programs, settingsOf } from "../programs";
import type { FileNames, Use } from "./layouts";

/** The environment, flags or ConfigMap entries of every program for which a layout is. */
export const configFor = (uses: readonly Use[], files: FileNames): Record<string, Record<string, string>> =>
  Object.fromEntries(
    Object.entries(programs)
      .filter(([, { use }]) => uses.includes(use))
      .map(([name, program]) => [name, settingsOf(program, files)]),
  );
