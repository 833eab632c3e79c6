// Tables with drawn lines, as `opa eval --format pretty` prints bindings and metrics.

/** A table: names of columns, then rows of cells. */
export function boxTable(names: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = names.map((name, at) => Math.max(cells(name), ...rows.map((row) => cells(row[at] ?? ''))))
  const rule = (left: string, middle: string, right: string): string =>
    `${left}${widths.map((width) => '─'.repeat(width + 2)).join(middle)}${right}`
  const line = (texts: readonly string[]): string => `│${texts.join('│')}│`
  const head = line(names.map((name, at) => ` ${centred(name, widths[at] ?? 0)} `))
  const body = rows.map((row) => line(widths.map((width, at) => ` ${padded(row[at] ?? '', width)} `)))
  return `${[rule('┌', '┬', '┐'), head, rule('├', '┼', '┤'), ...body, rule('└', '┴', '┘')].join('\n')}\n`
}

function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - cells(text)))
}

function centred(text: string, width: number): string {
  const space = Math.max(0, width - cells(text))
  const left = Math.floor(space / 2)
  return ' '.repeat(left) + text + ' '.repeat(space - left)
}

/** How many cells of a terminal a text takes: East Asian wide characters take two. */
function cells(text: string): number {
  let count = 0
  for (const character of text) count += isWide(character.codePointAt(0) ?? 0) ? 2 : 1
  return count
}

function isWide(code: number): boolean {
  return (
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd)
  )
}
