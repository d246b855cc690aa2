import { createHash } from "node:crypto";
import type { ReportData } from "../data";
import { accessSection } from "./access";
import { authoritiesSection, secretsSection } from "./authorities";
import { filterScript } from "./filter";
import { findingsSection } from "./findings";
import { Html, html } from "./html";
import { lifeSection } from "./life";
import { style } from "./style";
import { summary } from "./summary";

/** The page, in the order of a reader's questions: what ends next, what is wrong, who may do what; then the rest. */
export function page(data: ReportData): string {
  const { stack, at } = data;
  const content = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta
        http-equiv="Content-Security-Policy"
        content="default-src 'none'; style-src ${hash(style)}; script-src ${hash(filterScript)}"
      />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="robots" content="noindex" />
      <title>etcd: ${stack}</title>
      ${element("style", style)}
    </head>
    <body>
      <a class="skip" href="#ends">To what ends next</a>
      <header>
        <h1>etcd: ${stack}</h1>
        <p class="faint">Certificates, users and permissions at ${day(at)}, ${at.slice(11, 16)} UTC.</p>
        ${summary(data)}
        <div class="filter" hidden>
          <label for="filter">Show rows with </label><input id="filter" type="search" autocomplete="off" />
          <span id="count" class="faint" role="status"></span>
        </div>
      </header>
      <main>
        ${lifeSection(data)} ${findingsSection(data)} ${accessSection(data)} ${authoritiesSection(data)}
        ${secretsSection(data)}
      </main>
      ${element("script", filterScript)}
    </body>
  </html>`;
  return `<!doctype html>\n${content.text}\n`;
}

// Their hashes are of every byte in them: the page may run and load nothing else.
const element = (name: string, content: string) => new Html(`<${name}>${content}</${name}>`);
const hash = (text: string) => new Html(`'sha256-${createHash("sha256").update(text).digest("base64")}'`);

const day = (time: string) => time.slice(0, 10);
