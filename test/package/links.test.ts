import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, it } from "mocha";

const root = resolve(__dirname, "../..");
const isPage = (file: string) => file.endsWith(".md") && !/node_modules|docs\/api|sdks\/|\.venv/.test(file);
const pages = [
  ...readdirSync(root),
  ...["docs", "examples"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true }).map((file) => join(folder, String(file))),
  ),
].filter(isPage);

const withoutCode = (text: string) => text.replace(/^```[^]*?^```/gm, "").replace(/`[^`\n]*`/g, "");

/** As GitHub makes them from headings. */
const anchors = (page: string) =>
  [...readFileSync(page, "utf8").replace(/^```[^]*?^```/gm, "").matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-"),
  ); // prettier-ignore

/** What a page's relative links miss. */
function brokenLinks(page: string): string[] {
  const links = [...withoutCode(readFileSync(join(root, page), "utf8")).matchAll(/\]\(([^)\s]+)\)/g)];
  return links
    .map(([, link = ""]) => link)
    .filter((link) => !/^[a-z]+:/.test(link))
    .filter((link) => {
      const [path = "", anchor] = link.split("#");
      const target = path === "" ? join(root, page) : join(root, dirname(page), path);
      if (!existsSync(target) || relative(root, target).startsWith("..")) return true;
      return anchor !== undefined && !anchors(target).includes(anchor);
    });
}

describe("the links of the pages", () => {
  it("are there to be checked", () => assert.ok(pages.length > 20));
  for (const page of pages) it(`lead somewhere in ${page}`, () => assert.deepEqual(brokenLinks(page), []));
});

describe("the site", () => {
  it("has every page of docs, in the order of its settings", () => {
    const { projectDocuments } = JSON.parse(readFileSync(join(root, "typedoc.json"), "utf8"));
    const listed = (projectDocuments as string[]).filter((page) => page.startsWith("docs/"));
    assert.deepEqual([...listed].sort(), pages.filter((page) => page.startsWith("docs/")).sort());
  });
});
