/** Readable on paper and in the dark; needs nothing from outside. */
export const style = `
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5d6b7c; --paper: #f6f7f9; --card: #fff; --line: #e2e6eb; --lane: #f1f3f6;
  --ok: #2f9e77; --refused: #e0a02f; --unknown: #cf4a55; --p50: #3a6ea8; --p99: #b0783a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e5e9ef; --soft: #97a3b3; --paper: #12161c; --card: #1a2028; --line: #2c3440; --lane: #202731;
  --p50: #78a9e0; --p99: #dba766; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif; }
main { max-width: 1200px; margin: 0 auto; padding: 32px 24px 64px; }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 4px 16px; }
h1 { font-size: 26px; margin: 0; letter-spacing: -0.01em; }
h2 { font-size: 16px; margin: 0 0 12px; }
p { margin: 4px 0 0; } .soft, .soft a { color: var(--soft); }
.verdict { border-radius: 99px; padding: 2px 14px; color: #fff; font-weight: 600; background: var(--ok); }
.verdict.broken { background: var(--unknown); }
section { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 18px 20px; margin-top: 18px; overflow-x: auto; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(165px, 1fr)); gap: 12px; margin-top: 20px; }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 12px 16px; }
.tile b { display: block; font-size: 25px; font-weight: 650; font-variant-numeric: tabular-nums; letter-spacing: -0.01em; }
.tile span { color: var(--soft); font-size: 13px; }
svg { display: block; width: 100%; min-width: 720px; height: auto; font-size: 12px; }
svg text { fill: var(--soft); } svg .grid { stroke: var(--line); stroke-width: 1; } svg .lane { fill: var(--lane); }
svg .recovery { stroke: currentColor; stroke-width: 1.5; stroke-dasharray: 2 2; opacity: .45; }
svg .ok { fill: var(--ok); } svg .refused { fill: var(--refused); } svg .unknown { fill: var(--unknown); }
svg path { fill: none; stroke-width: 2; stroke-linejoin: round; } svg .p50 { stroke: var(--p50); } svg .p99 { stroke: var(--p99); }
svg .services { fill: #4676b0; } svg .relays { fill: #4d9a68; } svg .broker { fill: #d98032; } svg .database { fill: #c6505a; }
svg .lines { fill: #3f9aa0; } svg .deliveries { fill: #9168ad; } svg .clocks { fill: #8c7355; }
.legend { display: flex; gap: 18px; color: var(--soft); font-size: 13px; margin-bottom: 8px; }
.legend i { display: inline-block; width: 11px; height: 11px; border-radius: 3px; margin-right: 6px; vertical-align: -1px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th { text-align: left; color: var(--soft); font-weight: 500; font-size: 13px; }
th, td { padding: 6px 14px 6px 0; border-bottom: 1px solid var(--line); vertical-align: top; } tr:last-child td { border-bottom: 0; }
th.number, td.number { text-align: right; } td code, li code { font-size: 13px; }
.mark { font-weight: 650; color: var(--ok); white-space: nowrap; } .mark.broken { color: var(--unknown); }
ul { margin: 0; padding-left: 20px; } summary { cursor: pointer; font-weight: 600; }
`;
