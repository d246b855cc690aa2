import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "mocha";
import { chromium, openTab, type Tab } from "../support/report/browser";
import { large, pageOf, small } from "../support/report/demos";
import { skip } from "../support/skip";

/** For every text on the page, the contrast of its colour to what is behind it (WCAG 2.2, 1.4.3). */
const contrasts = `(() => {
  const channels = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    const own = channels(getComputedStyle(element).backgroundColor);
    return own.length < 4 || own[3] > 0 ? own : behind(element.parentElement);
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = {};
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (texts.currentNode.data.trim() === "" || element.tagName === "SCRIPT" || element.closest("svg")) continue;
    const [a, b] = [channels(getComputedStyle(element).color), behind(element)].map(light).sort((x, y) => y - x);
    found[element.className + " " + element.tagName] = (a + 0.05) / (b + 0.05);
  }
  return found;
})()`;

const rowsShown = `[...document.querySelectorAll("tbody tr")].filter((row) => row.checkVisibility({ contentVisibilityAuto: true })).length`;

describe("the page of etcd-pki report in Chromium", function () {
  this.timeout(120_000);
  const directory = mkdtempSync(join(tmpdir(), "report-"));
  const files: Record<string, string> = {};
  let tab: Tab;

  before(async function () {
    if (chromium === undefined) skip(this, "there is no chromium");
    for (const [name, demo] of Object.entries({ small, large: large() })) {
      files[name] = join(directory, `${name}.html`);
      writeFileSync(files[name] as string, await pageOf(demo));
    }
    tab = await openTab();
  });
  after(async () => {
    await tab?.close();
    rmSync(directory, { recursive: true, force: true });
  });
  afterEach(async () => {
    await tab?.call("Emulation.setEmulatedMedia", { media: "", features: [] });
    await tab?.call("Emulation.setScriptExecutionDisabled", { value: false });
  });

  for (const name of ["small", "large"]) {
    it(`loads nothing and makes the browser complain of nothing (${name})`, async () => {
      await tab.open(files[name] as string);
      assert.deepEqual(tab.incidents, []);
      assert.equal(await tab.value("document.styleSheets.length"), 1);
    });
  }

  for (const scheme of ["light", "dark"]) {
    it(`has a contrast of 4.5 and more for each text (${scheme})`, async () => {
      await tab.call("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: scheme }] });
      await tab.open(files["small"] as string);
      const back = await tab.value<string>("getComputedStyle(document.body).backgroundColor");
      assert.equal(back === "rgb(255, 255, 255)", scheme === "light");
      const found = await tab.value<Record<string, number>>(contrasts);
      assert.ok(Object.keys(found).length > 10);
      assert.deepEqual(
        Object.entries(found).filter(([, contrast]) => contrast < 4.5),
        [],
      );
    });
  }

  it("is read without its script: every row is there, and no field that does nothing", async () => {
    await tab.call("Emulation.setScriptExecutionDisabled", { value: true });
    await tab.open(files["small"] as string);
    assert.equal(await tab.value("document.querySelector('.filter').checkVisibility()"), false);
    assert.ok((await tab.value<number>(rowsShown)) > 20);
  });

  it("goes by keyboard: the way past the head comes first, and the folded rows open", async () => {
    await tab.open(files["large"] as string);
    await tab.press("Tab");
    assert.deepEqual(
      await tab.value("[document.activeElement.hash, document.activeElement.getBoundingClientRect().left >= 0]"),
      ["#ends", true],
    );
    let stops = 0;
    while ((await tab.value("document.activeElement.tagName")) !== "SUMMARY" && ++stops < 20) await tab.press("Tab");
    const shown = await tab.value<number>(rowsShown);
    await tab.call("Input.dispatchKeyEvent", { type: "keyDown", key: "Enter", text: "\r", windowsVirtualKeyCode: 13 });
    assert.ok((await tab.value<number>(rowsShown)) > shown + 200, `after ${stops} stops`);
  });

  it("has a name for each table, and one heading for each part, to who listens to it", async () => {
    await tab.open(files["small"] as string);
    const { nodes } = await tab.call("Accessibility.getFullAXTree");
    const named = (role: string) =>
      (nodes as { ignored: boolean; role?: { value: string }; name?: { value: string } }[])
        .filter((node) => !node.ignored && node.role?.value === role)
        .map(({ name }) => name?.value);
    assert.deepEqual(named("heading"), [
      ...["etcd: infra/prod", "What ends next", "What is wrong", "Who may do what", "By keys", "By user"],
      ...["Authorities", "Kubernetes Secrets"],
    ]);
    assert.equal(named("table").length, 6);
    assert.ok(!named("table").includes(""));
    assert.equal(named("image").length + named("graphics-document").length, 0);
  });

  it("shows only the rows with the words that are typed, the folded ones, too", async () => {
    await tab.open(files["large"] as string);
    await tab.value("document.querySelector('#filter').focus()");
    await tab.call("Input.insertText", { text: "app-299" });
    // Its life, its keys, those that all share, its user.
    assert.equal(await tab.value(rowsShown), 4);
    assert.equal(await tab.value("document.querySelector('#count').textContent"), "4 rows");
  });

  it("is all on paper, on white: nothing stays folded, and no field is printed", async () => {
    const features = [{ name: "prefers-color-scheme", value: "dark" }];
    await tab.call("Emulation.setEmulatedMedia", { media: "print", features });
    await tab.open(files["large"] as string);
    assert.equal(await tab.value("getComputedStyle(document.body).backgroundColor"), "rgb(255, 255, 255)");
    assert.equal(await tab.value(rowsShown), await tab.value(`document.querySelectorAll("tbody tr").length`));
    assert.equal(await tab.value("document.querySelector('.filter').checkVisibility()"), false);
    const { data } = await tab.call("Page.printToPDF", { preferCSSPageSize: true });
    const pages = Buffer.from(String(data), "base64")
      .toString("latin1")
      .match(/\/Type \/Page\b/g);
    assert.ok((pages?.length ?? 0) > 20, `${pages?.length} pages`);
  });
});
