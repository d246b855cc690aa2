import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { RunOptions } from "./types";

const moveClock = pathToFileURL(join(__dirname, "clock.mjs")).href;

/** How far a run's clock is moved. */
export const movedMs = ({ now }: RunOptions = {}) => (now === undefined ? 0 : now.getTime() - Date.now());

/** What makes a Node.js process take another time for now; nothing if it is to take the real one. */
export const clockVariables = (options?: RunOptions, env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv =>
  options?.now === undefined
    ? {}
    : {
        NODE_OPTIONS: `${env["NODE_OPTIONS"] ?? ""} --import ${moveClock}`.trim(),
        TEST_CLOCK_MS: String(movedMs(options)),
      };
