import type { AccessOf, RangeRights, Right, User } from "../access";
import type { ReportData } from "../data";
import type { Life } from "../life";
import type { Html } from "./html";
import { html } from "./html";
import { nowrap, statusText } from "./life";
import type { HtmlColumn } from "./table";
import { table } from "./table";

/** With more users than that, each range lists them. */
const widestMatrix = 10;

/** More names than that are folded. */
const longestList = 12;

/** Who may do what. */
export const accessSection = ({ access, lives }: ReportData): Html =>
  html`<section aria-labelledby="access">
    <h2 id="access">Who may do what</h2>
    ${access.length === 0 ? html`<p>No EtcdRbac is in this stack, so users and permissions are not known here.</p>` : ""}
    ${access.map((each) => html`${access.length > 1 ? html`<h3>${each.component}</h3>` : ""}${oneCluster(each, lives)}`)}
  </section>`;

function oneCluster(access: AccessOf, lives: Life[]): Html {
  const { authentication, isHidden, users, ranges } = access;
  if (isHidden) return html`<p>Users and roles are secret in the state of this stack.</p>`;
  const roots = users.filter(({ isRoot }) => isRoot).map(({ name }) => name);
  const others = users.filter(({ isRoot }) => !isRoot).map(({ name }) => name);
  return html`<p>
      ${
        authentication
          ? "Authentication is turned on: whoever is not named here may do nothing."
          : "This stack does not turn authentication on: unless somebody else did, whoever has a client certificate may do everything."
      }
      ${roots.length > 0 ? html`Everything, by the role root, may: <strong>${roots.join(", ")}</strong>.` : ""}
    </p>
    ${
      ranges.length === 0
        ? ""
        : html`<h3>By keys</h3>
            ${others.length <= widestMatrix ? matrix(others, ranges) : lists(ranges)}`
    }
    <h3>By user</h3>
    ${table("Users of etcd", userColumns(lives), users)}`;
}

const range: HtmlColumn<RangeRights> = [
  "Keys",
  ({ range: text }) => html`<code>${text.length <= longestUnbroken ? nowrap(text) : text}</code>`,
];

const longestUnbroken = 40;

const matrix = (users: string[], ranges: RangeRights[]): Html =>
  table(
    "Rights by keys and user",
    [range, ...users.map((user): HtmlColumn<RangeRights> => [user, ({ rights }) => rightText(rights[user])])],
    ranges,
  );

const words: Record<Right, string> = { readwrite: "read, write", read: "read", write: "write", part: "a part" };

const rightText = (right: Right | undefined): Html =>
  right === undefined
    ? html`<span class="sr">nothing</span>`
    : html`<span class="right ${right}">${words[right]}</span>`;

const lists = (ranges: RangeRights[]): Html =>
  table("Users by keys", [range, ...listed.filter(([, right]) => isHeld(ranges, right)).map(whoMay)], ranges);

const listed: [title: string, right: Right][] = [
  ["May read and write", "readwrite"],
  ["May read", "read"],
  ["May write", "write"],
  ["May do a part of it", "part"],
];

const isHeld = (ranges: RangeRights[], right: Right) =>
  ranges.some(({ rights }) => Object.values(rights).includes(right));

const whoMay = ([title, right]: (typeof listed)[number]): HtmlColumn<RangeRights> => [
  title,
  ({ rights }) => foldedNames(Object.keys(rights).filter((user) => rights[user] === right)),
];

const foldedNames = (names: string[]): Html =>
  names.length <= longestList
    ? namesOf(names)
    : html`<details>
        <summary>${names.length} users</summary>
        ${namesOf(names)}
      </details>`;

const namesOf = (names: string[]): Html =>
  html`${names.map((name, i) => html`${nowrap(name + (i < names.length - 1 ? "," : ""))} `)}`;

const userColumns = (lives: Life[]): HtmlColumn<User>[] => [
  ["User", ({ name }) => name],
  ["Roles", ({ roles }) => roles.join(", ")],
  ["Logs in by", ({ login }) => login],
  ["Certificate of that name", ({ name, login }) => certificateText(name, login, lives)],
];

function certificateText(name: string, login: string, lives: Life[]): string | Html {
  const own = lives.filter(({ commonName, kind }) => commonName === name && kind !== "peer");
  const [first] = own;
  if (first === undefined) return login === "password" ? "" : "none here";
  return html`${statusText(first.status)} ${nowrap(`until ${first.notAfter.slice(0, 10)}`)}`;
}
