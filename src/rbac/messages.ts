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

/** Says something in lines, if there are any, under a heading. All of them: who reviews a preview must see every grant. */
export function say(lines: string[], heading: string[] = []): void {
  if (lines.length > 0) (messages.getStore() ?? printed).info([...heading, ...lines].join("\n"));
}

/** Warns of each thing. */
export function warn(warnings: string[]): void {
  for (const warning of warnings) (messages.getStore() ?? printed).warn(warning);
}
