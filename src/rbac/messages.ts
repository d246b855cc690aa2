import { AsyncLocalStorage } from "node:async_hooks";

/** Where an operation's messages go. */
export interface Messages {
  info(message: string): void;
  warn(message: string): void;
}

// What a dynamic provider prints, the engine shows under "Diagnostics".
const printed: Messages = {
  info: (message) => console.log(message),
  warn: (message) => console.warn(`warning: ${message}`),
};

const messages = new AsyncLocalStorage<Messages>();

/** Runs an operation whose messages go elsewhere. */
export const withMessages = <Result>(elsewhere: Messages, operation: () => Promise<Result>): Promise<Result> =>
  messages.run(elsewhere, operation);

const LINES = 50;

/** Says something in lines, if there are any: under a heading, and no more than one can read. */
export function say(lines: string[], heading: string[] = []): void {
  if (lines.length === 0) return;
  const more = lines.length > LINES ? [`... and ${lines.length - LINES} more`] : [];
  (messages.getStore() ?? printed).info([...heading, ...lines.slice(0, LINES), ...more].join("\n"));
}

/** Warns of each thing. */
export function warn(warnings: string[]): void {
  for (const warning of warnings) (messages.getStore() ?? printed).warn(warning);
}
