// regex.globs_match: whether some text matches two patterns at once. The patterns are single characters, `.` and `[...]`,
// each alone or followed by `*` or `+`.
import { type Builtin, BuiltinError } from './contract.ts'
import { stringOperand } from './operands.ts'

/** How long a pattern may be: the work grows with the product of both. */
const PATTERN_MAX = 2_000

type Range = readonly [number, number]
interface Step {
  readonly ranges: readonly Range[]
  readonly repeats: boolean
}

const LAST_RUNE = 0x10ffff
const ANY: readonly Range[] = [[0, LAST_RUNE]]

/** The built-in by name. */
export const globsMatch: Readonly<Record<string, Builtin>> = {
  'regex.globs_match': (context, args) => {
    const [a, b] = [stepsOf(stringOperand(args, 1)), stepsOf(stringOperand(args, 2))]
    context.spend((a.length * b.length) >> 4)
    // OPA says so, although `a*` and an empty pattern have the empty text in common.
    if ((a.length === 0) !== (b.length === 0)) return false
    return meet(a, b)
  },
}

/** A pattern in steps; `x+` is `x` and then `x*`. */
function stepsOf(pattern: string): readonly Step[] {
  const runes = Array.from(pattern)
  if (runes.length > PATTERN_MAX) throw refused('the pattern is too long')
  const steps: Step[] = []
  for (let at = 0; at < runes.length; ) {
    const read = runes[at] === '[' ? readSet(runes, at) : readRune(runes, at)
    const after = runes[read.next]
    at = read.next
    if (after === '*' || after === '+') at++
    if (after !== '*') steps.push({ ranges: read.ranges, repeats: false })
    if (after === '*' || after === '+') steps.push({ ranges: read.ranges, repeats: true })
  }
  return steps
}

interface Read {
  readonly ranges: readonly Range[]
  readonly next: number
}

function readRune(runes: readonly string[], at: number): Read {
  const rune = runes[at] ?? ''
  if (rune === '.') return { ranges: ANY, next: at + 1 }
  if (rune === '*' || rune === '+') throw refused(`nothing to repeat before ${rune}`)
  if (rune === ']') throw refused('a set ends that did not begin')
  if (rune !== '\\') return { ranges: [single(rune)], next: at + 1 }
  const escaped = runes[at + 1]
  if (escaped === undefined) throw refused('the pattern ends in an escape')
  return { ranges: [single(escaped)], next: at + 2 }
}

function readSet(runes: readonly string[], start: number): Read {
  const ranges: Range[] = []
  let at = start + 1
  const rune = (): string => {
    const one = runes[at] === '\\' ? runes[++at] : runes[at]
    if (one === undefined) throw refused('a set does not end')
    at++
    return one
  }
  while (runes[at] !== ']') {
    const from = rune()
    if (runes[at] === '-' && runes[at + 1] !== ']') {
      at++
      const to = rune()
      if (codeOf(to) < codeOf(from)) throw refused('a range runs backwards')
      ranges.push([codeOf(from), codeOf(to)])
    } else ranges.push(single(from))
  }
  if (ranges.length === 0) throw refused('a set is empty')
  return { ranges, next: at + 1 }
}

/**
 * Whether both can read the same text to their ends: the product of both, walked once. The text is not empty, but where
 * both patterns are.
 */
function meet(a: readonly Step[], b: readonly Step[]): boolean {
  if (a.length === 0 && b.length === 0) return true
  const width = b.length + 1
  const before = (a.length + 1) * width
  const seen = new Uint8Array(2 * before)
  const queue: (readonly [number, number, boolean])[] = []
  const visit = (i: number, j: number, hasRead: boolean): void => {
    const at = (hasRead ? before : 0) + i * width + j
    if (seen[at] === 1) return
    seen[at] = 1
    queue.push([i, j, hasRead])
  }
  visit(0, 0, false)
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const [i, j, hasRead] = next
    const [left, right] = [a[i], b[j]]
    if (left === undefined && right === undefined && hasRead) return true
    if (left?.repeats) visit(i + 1, j, hasRead)
    if (right?.repeats) visit(i, j + 1, hasRead)
    if (left === undefined || right === undefined || !share(left.ranges, right.ranges)) continue
    visit(left.repeats ? i : i + 1, right.repeats ? j : j + 1, true)
  }
  return false
}

function share(a: readonly Range[], b: readonly Range[]): boolean {
  return a.some(([from, to]) => b.some(([start, end]) => from <= end && start <= to))
}

function single(rune: string): Range {
  return [codeOf(rune), codeOf(rune)]
}

function codeOf(rune: string): number {
  return rune.codePointAt(0) ?? 0
}

function refused(message: string): BuiltinError {
  return new BuiltinError('eval_builtin_error', message)
}
