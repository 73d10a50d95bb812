/** The rules of a report's page: light or dark as the reader's system is, narrow or wide, and on paper. */
import { darkColours, figureCss, lightColours, type FigureColours } from '../../../figures/figure-style.js';

function themeOf({ background, text, muted, grid, series }: FigureColours, raised: string): string {
  return `:root{--background:${background};--raised:${raised};--text:${text};--muted:${muted};--line:${grid};--accent:${series[0]}}
${figureCss({ background, text, muted, grid, series })}`;
}

const light = themeOf(lightColours, '#f6f8fa');
const dark = themeOf(darkColours, '#1c2229');

const page = `
*{box-sizing:border-box}
html{color-scheme:light dark;-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--background);color:var(--text);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif}
body>header,body>nav,main,body>footer{max-width:78rem;margin:0 auto;padding:0 1.25rem}
body>header{padding-top:2.5rem}
h1{font-size:1.9rem;line-height:1.2;margin:0 0 .4rem;overflow-wrap:anywhere}
h2{font-size:1.4rem;line-height:1.25;margin:3rem 0 1rem;padding-top:1rem;border-top:1px solid var(--line)}
h3{font-size:1.05rem;line-height:1.3;margin:0 0 .25rem}
p{margin:.5rem 0;max-width:46rem}
a{color:var(--accent)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
code{font:.88em ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;background:var(--raised);padding:.1em .35em;border-radius:4px;overflow-wrap:anywhere}
.lead{font-size:1.1rem;color:var(--muted)}
.muted{color:var(--muted)}
nav ol{columns:2;column-gap:2rem;max-width:44rem;margin:1rem 0;padding-left:1.4rem}
nav li{break-inside:avoid}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr));gap:.75rem;margin:1.25rem 0;padding:0;list-style:none}
.tiles li{background:var(--raised);border:1px solid var(--line);border-radius:8px;padding:.7rem .9rem}
.tiles strong{display:block;font-size:1.35rem;line-height:1.25;font-variant-numeric:tabular-nums}
.tiles span{color:var(--muted);font-size:.88rem}
.verdict{border-left:4px solid var(--accent);background:var(--raised);padding:.75rem 1rem;border-radius:0 8px 8px 0;max-width:none}
.note{color:var(--muted);background:var(--raised);border-radius:8px;padding:.75rem 1rem;max-width:none}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,14rem),1fr));gap:0 1.5rem;margin:.75rem 0 1.25rem}
.facts div{border-bottom:1px solid var(--line);padding:.35rem 0}
.facts dt{color:var(--muted);font-size:.88rem}
.facts dd{margin:0;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
.figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,22rem),1fr));gap:1.25rem;margin:1.25rem 0;align-items:start}
figure{margin:0;border:1px solid var(--line);border-radius:8px;padding:1rem;min-width:0}
figcaption p{color:var(--muted);font-size:.92rem;margin:.1rem 0 .75rem}
.figures figure{display:grid;grid-template-rows:subgrid;grid-row:span 3;align-items:start;row-gap:0}
.wide .figures{grid-template-columns:minmax(0,48rem)}
.chart{display:block;width:100%;height:auto}
details{margin-top:.75rem}
summary{cursor:pointer;color:var(--muted);font-size:.92rem}
.scroll{overflow-x:auto;margin:.75rem 0}
table{border-collapse:collapse;font-size:.92rem}
.scroll>table{min-width:min(100%,36rem)}
caption{text-align:left;color:var(--muted);padding-bottom:.35rem}
th,td{text-align:left;vertical-align:top;padding:.3rem .9rem .3rem 0;border-bottom:1px solid var(--line)}
th{font-weight:600}
.number{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
details caption{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}
.examples{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,22rem),1fr));gap:1.25rem;margin:1.25rem 0}
.examples article{border:1px solid var(--line);border-radius:8px;padding:1rem;min-width:0}
.examples h4{font-size:1rem;line-height:1.3;margin:0;overflow-wrap:anywhere}
.examples .muted{font-size:.88rem}
.examples ol{margin:.6rem 0 0;padding:0;list-style:none}
.examples li{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:0 .75rem;padding:.28rem 0;border-top:1px solid var(--line);font-size:.92rem;overflow-wrap:anywhere}
.examples li>span:last-child{font-variant-numeric:tabular-nums}
.files td:last-child{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.82rem}
body>footer{color:var(--muted);font-size:.92rem;padding-bottom:3rem;margin-top:3rem}
@media (max-width:30rem){nav ol{columns:1}body{font-size:15px}h1{font-size:1.5rem}body>header,body>nav,main,body>footer{padding-left:.75rem;padding-right:.75rem}.facts{grid-template-columns:1fr 1fr}.figures figure{border-width:1px 0 0;border-radius:0;padding:1rem 0 0}.examples article{padding:.75rem}}
`;

const paper = `
@page{margin:14mm}
body{font-size:10.5pt}
body>header,body>nav,main,body>footer{max-width:none;padding:0}
h2{break-after:avoid}
h3{break-after:avoid}
figure,.examples article,.facts div,tr{break-inside:avoid}
.figures,.examples{grid-template-columns:1fr 1fr}
.figures details{display:none}
details:not(.figures details)::details-content{content-visibility:visible;block-size:auto}
.scroll{overflow:visible}
a{color:inherit;text-decoration:none}
`;

export const pageCss = [
  light,
  page,
  `@media screen and (prefers-color-scheme:dark){${dark}}`,
  `@media print{${paper}}`,
].join('\n');
