/** A text that is HTML already. Only `html` makes it, which escapes whatever is put into it. */
export class Html {
  /** Use `html`. */
  constructor(readonly text: string) {}
}

type Part = string | number | Html | Html[];

/** HTML with values in it. A value that is no HTML is escaped, in attributes, too, so quote them with `"`. */
export const html = (texts: TemplateStringsArray, ...values: Part[]): Html =>
  new Html(texts.map((text, i) => short(text) + (i < values.length ? textOf(values[i] as Part) : "")).join(""));

// A page of some hundred rows would be spaces for a third.
const short = (text: string) => text.replace(/\n\s+/g, "\n");

const textOf = (value: Part): string =>
  Array.isArray(value) ? value.map(textOf).join("") : value instanceof Html ? value.text : escaped(String(value));

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

// Characters that reverse text or move a cursor would hide what a line says.
const escaped = (text: string) =>
  text
    .replace(/[&<>"']/g, (character) => entities[character] as string)
    .replace(/\p{C}/gu, (character) => `\\x${character.codePointAt(0)?.toString(16).padStart(2, "0")}`);
