/** The report's style sheet. System fonts, no network, light and dark by the reader's setting. */
export const style = `
:root {
  color-scheme: light dark;
  --bg: #f7f7f5; --card: #ffffff; --text: #1d2125; --muted: #5f6873; --line: #e4e5e3; --soft: #f1f2f0;
  --accent: #3b6fb6; --good: #1d7a4c; --bad: #bf2f2b; --warn: #96650a; --live: #2b68c5;
  --good-bg: #e7f4ec; --bad-bg: #fceceb; --warn-bg: #fbf2de; --live-bg: #e8f0fc; --muted-bg: #eef0f1;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --bg: #111417; --card: #191d21; --text: #e5e8ea; --muted: #9aa4ad; --line: #2b3137; --soft: #20252a;
    --accent: #7aa7e6; --good: #5cc08a; --bad: #f0827c; --warn: #dcab4f; --live: #82b1f5;
    --good-bg: #17301f; --bad-bg: #3a1d1c; --warn-bg: #33280f; --live-bg: #1a2a44; --muted-bg: #242a30;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
body {
  margin: 0; background: var(--bg); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
  font-variant-numeric: tabular-nums;
}
main { max-width: 1180px; margin: 0 auto; padding: 32px 28px 56px; }
h1, h2, h3, p, dl, figure { margin: 0; }
h1 { font-size: 28px; line-height: 1.2; font-weight: 650; letter-spacing: -0.01em; }
h2 { font-size: 16px; font-weight: 620; margin: 34px 0 10px; }
h2 small { font-weight: 400; color: var(--muted); font-size: 13px; margin-left: 8px; }
h3 { font-size: 15px; font-weight: 620; }
code, pre { font-family: var(--mono); font-size: 12.5px; }
a { color: inherit; }
a:focus-visible, summary:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
.scroll { overflow-x: auto; }
.title { display: flex; align-items: center; gap: 14px; flex-wrap: wrap; }
.lead { color: var(--muted); margin-top: 4px; max-width: 72ch; }
.pill { display: inline-flex; gap: 6px; align-items: center; padding: 2px 11px; border-radius: 999px; font-size: 13px; font-weight: 600; }
.pill.good { color: var(--good); background: var(--good-bg); } .pill.bad { color: var(--bad); background: var(--bad-bg); }
.pill.warn { color: var(--warn); background: var(--warn-bg); } .pill.live { color: var(--live); background: var(--live-bg); }
.pill.muted { color: var(--muted); background: var(--muted-bg); }
.facts { display: flex; flex-wrap: wrap; gap: 14px 44px; margin-top: 20px; }
.facts dd { white-space: nowrap; }
dt { color: var(--muted); font-size: 12.5px; } dd { margin: 1px 0 0; font-weight: 550; }
.failure { margin-top: 20px; padding: 12px 16px; border-radius: 10px; background: var(--bad-bg); border: 1px solid color-mix(in srgb, var(--bad) 35%, transparent); }
.failure p + p { margin-top: 6px; } .failure a { color: var(--bad); font-weight: 600; text-decoration-thickness: 1px; text-underline-offset: 2px; }
.at { color: var(--muted); white-space: nowrap; margin-left: 6px; }

.graph { display: block; max-width: max(100%, 860px); height: auto; margin: 0 auto; }
.graph-card { padding: 16px; }
.edge { fill: none; stroke: var(--muted); stroke-opacity: .5; stroke-width: 1.4; }
.arrow { fill: none; stroke: var(--muted); stroke-opacity: .8; stroke-width: 1.2; }
.node { text-decoration: none; cursor: pointer; }
.node rect { stroke-width: 1.2; }
.node text { fill: var(--text); font-size: 12.5px; }
.node .name { font-family: var(--mono); font-weight: 600; }
.node .sub { fill: var(--muted); font-size: 11.5px; }
.node .glyph { font-size: 15px; font-weight: 700; }
.node.good rect { fill: var(--good-bg); stroke: color-mix(in srgb, var(--good) 55%, transparent); } .node.good .glyph { fill: var(--good); }
.node.bad rect { fill: var(--bad-bg); stroke: var(--bad); stroke-width: 1.8; } .node.bad .glyph { fill: var(--bad); }
.node.warn rect { fill: var(--warn-bg); stroke: color-mix(in srgb, var(--warn) 60%, transparent); } .node.warn .glyph { fill: var(--warn); }
.node.live rect { fill: var(--live-bg); stroke: var(--live); } .node.live .glyph { fill: var(--live); }
.node.muted rect { fill: var(--muted-bg); stroke: var(--line); stroke-dasharray: 4 3; } .node.muted .glyph { fill: var(--muted); }
.node:hover rect { filter: brightness(0.97); }
@media (prefers-color-scheme: dark) { .node:hover rect { filter: brightness(1.15); } }

.gantt { display: grid; grid-template-columns: max-content 1fr; padding: 12px 22px 14px 16px; }
.gantt-head { position: relative; height: 24px; }
.gantt-head span { position: absolute; font-size: 11.5px; color: var(--muted); white-space: nowrap; }
.gantt-head span::before { content: ""; position: absolute; left: 0; bottom: -6px; height: 5px; border-left: 1px solid var(--line); }
.gantt-name { padding-right: 20px; font: 12.5px/28px var(--mono); text-decoration: none; white-space: nowrap; }
.gantt-name:hover { text-decoration: underline; }
.gantt-row { position: relative; height: 28px; }
.gantt-row i, .gantt-row b { position: absolute; top: 0; height: 100%; }
.gantt-row i { border-left: 1px solid var(--line); }
.gantt-row b { top: 7px; height: 14px; min-width: 3px; border-radius: 3px; }
.gantt-row b:hover { filter: brightness(1.12); }
.gantt-row .whole { opacity: .25; background: var(--muted); }
.good .whole { background: var(--good) !important; } .bad .whole { background: var(--bad) !important; }
.warn .whole { background: var(--warn) !important; opacity: .6; } .live .whole { background: var(--live) !important; }
.try.success { background: var(--good); } .try.failed { background: var(--bad); } .try.running { background: var(--live); }

table { width: 100%; border-collapse: collapse; font-size: 14px; }
th { text-align: left; font-weight: 500; color: var(--muted); font-size: 12.5px; padding: 10px 14px 8px; border-bottom: 1px solid var(--line); white-space: nowrap; }
td { padding: 9px 14px; vertical-align: top; border-top: 1px solid var(--line); }
tbody tr:first-child td { border-top: 0; }
.num { text-align: right; white-space: nowrap; }
.id { font-weight: 600; } .sub { display: block; color: var(--muted); font-size: 12.5px; }
.table { display: block; white-space: nowrap; }
.state { white-space: nowrap; font-weight: 550; }
.state.good { color: var(--good); } .state.bad { color: var(--bad); } .state.warn { color: var(--warn); } .state.live { color: var(--live); } .state.muted { color: var(--muted); }
.task:target td { background: var(--soft); }
.more td { border-top: 0; padding: 0 14px; }
.more .data { display: flex; flex-direction: column; gap: 3px; padding-bottom: 10px; }
.more .data:empty { padding: 0; }
.note { padding: 7px 11px; border-radius: 7px; background: var(--soft); margin-bottom: 8px; font-size: 13.5px; }
.note.bad { background: var(--bad-bg); }
details { font-size: 13px; min-width: 0; }
summary { cursor: pointer; color: var(--muted); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; max-width: 100%; }
summary b { font-weight: 550; display: inline-block; min-width: 52px; color: var(--text); }
details pre { margin: 6px 0 8px; padding: 10px 12px; background: var(--soft); border-radius: 7px; overflow: auto; max-height: 360px; }
details ol { margin: 4px 0 6px; padding-left: 22px; }
.layer { display: inline-block; font: 600 11.5px/1 var(--mono); color: var(--muted); background: var(--muted-bg); padding: 4px 7px; border-radius: 5px; text-transform: uppercase; letter-spacing: .04em; }
.what { color: var(--muted); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(460px, 100%), 1fr)); gap: 16px; }
.chart .wide svg { max-width: none; } .chart .narrow { display: none; }
@media (max-width: 1010px) { .chart .wide { display: none; } .chart .narrow { display: block; } }
.chart:last-child:nth-child(odd) { grid-column: 1 / -1; }
.chart { padding: 16px 18px 12px; min-width: 0; }
.chart figcaption p { color: var(--muted); font-size: 13.5px; margin: 2px 0 12px; }
.chart svg { display: block; width: 100%; max-width: 600px; height: auto; }
.about { padding: 16px 18px; display: grid; gap: 10px 28px; grid-template-columns: repeat(auto-fit, minmax(260px, 1fr)); }
.about dd { font-weight: 400; overflow-wrap: anywhere; }
.empty { color: var(--muted); padding: 14px 18px; }
.chart .empty { padding: 6px 0 12px; }
footer .mark { vertical-align: -2px; margin-right: 4px; fill: var(--accent); stroke: var(--accent); }
footer { color: var(--muted); font-size: 12.5px; margin-top: 28px; }
@media (max-width: 860px) { main { padding: 22px 16px 40px; } td, th { padding-left: 10px; padding-right: 10px; } .what { display: none; } .tables th:last-child { display: none; } }
@media print { body { background: #fff; } .card { break-inside: avoid; } }
`
