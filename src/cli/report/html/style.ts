/** How the page looks: light, dark, and on paper. Colours are not all that tells things apart: words stand beside them. */
export const style = `
:root { color-scheme: light dark;
  --back: #fff; --text: #1b1f24; --faint: #59636e; --line: #d5dae0; --panel: #f5f7f9; --link: #0757b3;
  --life: #9ec1e6; --window: #3f7cbf; --week: #0b3d73; --now: #b3261e;
  --wrong: #a8201a; --wrong-back: #fde8e6; --todo: #7a4b00; --todo-back: #fdf0d5; --ok: #14652f; --ok-back: #e2f3e6;
  --rw: #d3e4f7; --r: #e9f1fa; --part: #f3f3f3; }
@media screen and (prefers-color-scheme: dark) { :root {
  --back: #14181d; --text: #e6eaee; --faint: #9aa5b1; --line: #333b44; --panel: #1c2229; --link: #7db6f5;
  --life: #2d4d6e; --window: #4a8fd6; --week: #b9dbff; --now: #ff8a80;
  --wrong: #ffaaa3; --wrong-back: #4a1a17; --todo: #f3c66d; --todo-back: #3d2c0a; --ok: #86d69b; --ok-back: #16331f;
  --rw: #234a75; --r: #1d3450; --part: #262c33; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 84rem; padding: 1.5rem 1.5rem 4rem; background: var(--back); color: var(--text);
  font: 15px/1.45 system-ui, "Segoe UI", Roboto, "Liberation Sans", sans-serif; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.15rem; margin: 2.5rem 0 .5rem; } h3 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
p { margin: .35rem 0; max-width: 60rem; } .faint, caption { color: var(--faint); }
a { color: var(--link); } a:focus-visible, summary:focus-visible, input:focus-visible, [tabindex]:focus-visible
  { outline: 2px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -99rem; } .skip:focus { left: 1rem; top: .5rem; background: var(--back); padding: .25rem .5rem; }
nav ul { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .75rem; list-style: none; margin: 1.25rem 0 0; padding: 0; }
nav a { display: block; height: 100%; padding: .75rem 1rem; border: 1px solid var(--line); border-radius: 6px;
  background: var(--panel); color: inherit; text-decoration: none; } nav a:hover { border-color: var(--link); }
nav .name { display: block; color: var(--faint); font-size: .85rem; } nav .fact { display: block; font-weight: 600; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; margin: .25rem 0 .5rem; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
th, td { text-align: left; vertical-align: top; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); }
thead th { color: var(--faint); font-weight: 600; font-size: .85rem; vertical-align: bottom; }
tbody th { font-weight: 600; } th:last-child, td:last-child { padding-right: 0; }
.nowrap, .status { white-space: nowrap; } .number { font-variant-numeric: tabular-nums; }
.status { display: inline-block; padding: 0 .5rem; border-radius: 3px; font-size: .85rem; font-weight: 600; background: var(--panel); }
.status.expired, .status.not-yet-valid, .status.wrong { color: var(--wrong); background: var(--wrong-back); }
.status.due, .status.ending, .status.todo { color: var(--todo); background: var(--todo-back); }
.status.ok { color: var(--ok); background: var(--ok-back); }
th:has(svg) { width: 50%; min-width: 22rem; vertical-align: bottom; }
svg.bar { display: block; width: 100%; height: 18px; overflow: hidden; }
.bar .life { fill: var(--life); } .bar .window { fill: var(--window); } .bar .week { fill: var(--week); }
.bar.expired .life, .bar.not-yet-valid .life { fill: var(--wrong); }
.tick, .now { stroke: var(--line); vector-effect: non-scaling-stroke; } .now { stroke: var(--now); stroke-width: 2; } .bar text { fill: var(--faint); font-size: 12px; }
.key { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; padding: 0; margin: .5rem 0; color: var(--faint); font-size: .85rem; }
.key svg.bar { width: 22px; height: 12px; display: inline-block; vertical-align: -1px; margin-right: .4rem; }
.right { display: block; padding: 0 .4rem; border-radius: 3px; font-size: .85rem; text-align: center; }
.right.readwrite { background: var(--rw); font-weight: 600; } .right.read, .right.write { background: var(--r); }
.right.part { background: var(--part); color: var(--faint); }
code { font: .9em ui-monospace, "Liberation Mono", monospace; overflow-wrap: break-word; }
summary { cursor: pointer; color: var(--link); padding: .25rem 0; }
.filter { margin-top: 1.25rem; } .filter input { font: inherit; padding: .3rem .5rem; width: 18rem; max-width: 100%;
  color: inherit; background: var(--back); border: 1px solid var(--faint); border-radius: 4px; }
.sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
[hidden] { display: none; }
@page { size: A4 landscape; margin: 12mm; }
@media print { :root { color-scheme: light; } body { max-width: none; padding: 0; font-size: 9.5pt; }
  .skip, .filter { display: none; } details > summary { display: none; }
  details::details-content { content-visibility: visible; block-size: auto; }
  h2, h3 { break-after: avoid; } tr, nav a, .wide:not(:has(tr:nth-child(15))) { break-inside: avoid; } thead { display: table-header-group; }
  .wide { overflow: visible; } * { print-color-adjust: exact; } }
`;
