// The difference of two texts as a unified diff, by Myers' algorithm with a bound on its work.

/** Edits looked for before the rest of two texts is shown as wholly replaced. */
const editsMax = 4000
const contextLines = 3

interface Line {
  readonly sign: ' ' | '-' | '+'
  readonly text: string
}

/** A unified diff; empty when the texts are the same. */
export function unifiedDiff(name: string, before: string, after: string): string {
  if (before === after) return ''
  const lines = edits(split(before), split(after))
  const out = [`--- ${name}`, `+++ ${name} (formatted)`]
  let oldRow = 1
  let newRow = 1
  let at = 0
  const rows = lines.map((line) => {
    const place = { oldRow, newRow }
    if (line.sign !== '+') oldRow++
    if (line.sign !== '-') newRow++
    return place
  })
  while (at < lines.length) {
    const first = lines.findIndex((line, index) => index >= at && line.sign !== ' ')
    if (first < 0) break
    const start = Math.max(at, first - contextLines)
    let end = first
    for (let next = first; next < lines.length && next - end <= 2 * contextLines; next++)
      if (lines[next]?.sign !== ' ') end = next
    const stop = Math.min(lines.length, end + contextLines + 1)
    const hunk = lines.slice(start, stop)
    const place = rows[start] ?? { oldRow: 1, newRow: 1 }
    const oldCount = hunk.filter((line) => line.sign !== '+').length
    const newCount = hunk.filter((line) => line.sign !== '-').length
    out.push(`@@ -${place.oldRow},${oldCount} +${place.newRow},${newCount} @@`)
    for (const line of hunk) out.push(`${line.sign}${line.text}`)
    at = stop
  }
  return `${out.join('\n')}\n`
}

function split(text: string): readonly string[] {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}

function edits(a: readonly string[], b: readonly string[]): readonly Line[] {
  let head = 0
  while (head < a.length && head < b.length && a[head] === b[head]) head++
  let tail = 0
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++
  const same = (text: string): Line => ({ sign: ' ', text })
  return [
    ...a.slice(0, head).map(same),
    ...middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...a.slice(a.length - tail).map(same),
  ]
}

function middle(a: readonly string[], b: readonly string[]): readonly Line[] {
  const reached: Map<number, number>[] = []
  const far = new Map<number, number>([[1, 0]])
  for (let depth = 0; depth <= Math.min(a.length + b.length, editsMax); depth++) {
    reached.push(new Map(far))
    for (let k = -depth; k <= depth; k += 2) {
      const down = k === -depth || (k !== depth && (far.get(k - 1) ?? 0) < (far.get(k + 1) ?? 0))
      let x = down ? (far.get(k + 1) ?? 0) : (far.get(k - 1) ?? 0) + 1
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++
      far.set(k, x)
      if (x >= a.length && x - k >= b.length) return walkBack(a, b, reached)
    }
  }
  return [...a.map((text): Line => ({ sign: '-', text })), ...b.map((text): Line => ({ sign: '+', text }))]
}

function walkBack(
  a: readonly string[],
  b: readonly string[],
  reached: readonly Map<number, number>[],
): readonly Line[] {
  const lines: Line[] = []
  let x = a.length
  let y = b.length
  for (let depth = reached.length - 1; depth >= 0; depth--) {
    const far = reached[depth] ?? new Map<number, number>()
    const k = x - y
    const down = k === -depth || (k !== depth && (far.get(k - 1) ?? 0) < (far.get(k + 1) ?? 0))
    const fromK = down ? k + 1 : k - 1
    const fromX = depth === 0 ? 0 : (far.get(fromK) ?? 0)
    const fromY = depth === 0 ? 0 : fromX - fromK
    while (x > fromX && y > fromY) {
      x--
      y--
      lines.push({ sign: ' ', text: a[x] ?? '' })
    }
    if (depth === 0) break
    if (down) {
      y--
      lines.push({ sign: '+', text: b[y] ?? '' })
    } else {
      x--
      lines.push({ sign: '-', text: a[x] ?? '' })
    }
  }
  return lines.reverse()
}
