// Coverage as one HTML page that needs nothing else: the files, and their source coloured by what ran.
import type { CoverageReport, FileCoverage } from '../../../rego/interpret/index.ts'

const style = `
:root { color-scheme: light dark; --hit: #d7f5dd; --miss: #fbd9d9; --line: #8883; }
@media (prefers-color-scheme: dark) { :root { --hit: #133d1f; --miss: #4d1a1a; } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .8rem; border-bottom: 1px solid var(--line); }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
pre { font: 13px/1.45 ui-monospace, monospace; overflow-x: auto; border: 1px solid var(--line); padding: .5rem 0; }
pre span { display: block; padding: 0 .8rem; }
pre span::before { content: attr(data-row); display: inline-block; width: 3.5rem; opacity: .5; }
.hit { background: var(--hit); }
.miss { background: var(--miss); }
`

/** The page. */
export function coveragePage(coverage: CoverageReport, texts: ReadonlyMap<string, string>): string {
  const files = Object.entries(coverage.files)
  const rows = files.map(
    ([file, one], index) =>
      `<tr><td><a href="#f${index}">${html(file)}</a></td><td class="n">${one.covered_lines}</td><td class="n">${one.not_covered_lines}</td><td class="n">${one.coverage.toFixed(2)} %</td></tr>`,
  )
  const sources = files.map(
    ([file, one], index) =>
      `<h2 id="f${index}">${html(file)}</h2>\n<pre>${colouredSource(one, texts.get(file) ?? '')}</pre>`,
  )
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Policy coverage</title><style>${style}</style></head>
<body>
<h1>Policy coverage: ${coverage.coverage.toFixed(2)} %</h1>
<table>
<thead><tr><th>File</th><th class="n">Covered lines</th><th class="n">Not covered</th><th class="n">Coverage</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
${sources.join('\n')}
</body>
</html>
`
}

function colouredSource(coverage: FileCoverage, text: string): string {
  const classes = new Map<number, string>()
  const paint = (ranges: FileCoverage['covered'], name: string): void => {
    for (const { start, end } of ranges) for (let row = start.row; row <= end.row; row++) classes.set(row, name)
  }
  paint(coverage.covered, 'hit')
  paint(coverage.not_covered, 'miss')
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
    .map(
      (line, index) =>
        `<span data-row="${index + 1}" class="${classes.get(index + 1) ?? ''}">${html(line) || ' '}</span>`,
    )
    .join('')
}

function html(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
