// regex.*: RE2 patterns in linear time (re2js), matched as Go's regexp does. Compiled patterns are kept, bounded.
import { RE2JS, RE2JSSyntaxException } from 're2js'
import { holdsBytes, RegoObject, type Value } from '../value/index.ts'
import { type Builtin, type BuiltinContext, BuiltinError } from './contract.ts'
import { meteredMatcher, type Spend } from './metered-text.ts'
import { integerOperand, stringOperand } from './operands.ts'

/** How many compiled patterns are kept. */
const COMPILED_MAX = 500

/** How long a pattern may be. */
const PATTERN_MAX = 100_000

/** How long a text may become, in UTF-16 units. */
const TEXT_MAX = 64 * 1024 * 1024

/** The built-ins on patterns by name. */
export const regex: Readonly<Record<string, Builtin>> = {
  'regex.match': matches,
  re_match: matches,
  'regex.is_valid': (_, [pattern = null]) => typeof pattern === 'string' && isPattern(pattern),
  'regex.split': (context, args) => split(compile(stringOperand(args, 1)), subject(context, args, 2), spendOf(context)),
  'regex.find_n': (context, args) => {
    const [pattern, text] = [compile(stringOperand(args, 1)), subject(context, args, 2)]
    const found = findAll(pattern, text, integerOperand(args, 3), spendOf(context))
    return found.map((match) => match.groups[0] ?? '')
  },
  'regex.find_all_string_submatch_n': (context, args) => {
    const [pattern, text] = [compile(stringOperand(args, 1)), subject(context, args, 2)]
    const found = findAll(pattern, text, integerOperand(args, 3), spendOf(context))
    return found.map((match) => match.groups.map((group) => group ?? ''))
  },
  'regex.replace': (context, args) => {
    const text = subject(context, args, 1)
    return replace(compile(stringOperand(args, 2)), text, stringOperand(args, 3), spendOf(context))
  },
  'regex.template_match': (context, args) => {
    const [template, text] = [stringOperand(args, 1), subject(context, args, 2)]
    const [start, end] = [delimiter(args, 3, 'start'), delimiter(args, 4, 'end')]
    return finds(compile(templatePattern(template, start, end)), text, spendOf(context))
  },
}

function matches(context: BuiltinContext, args: readonly Value[]): boolean {
  return finds(compile(stringOperand(args, 1)), subject(context, args, 2), spendOf(context))
}

/** Whether a text holds what a pattern means, at the cost of looking for it. */
export function finds(pattern: RE2JS, text: string, spend: Spend): boolean {
  return meteredMatcher(pattern, text, spend).find()
}

function spendOf(context: BuiltinContext): Spend {
  return (units) => context.spend(units)
}

function subject(context: BuiltinContext, args: readonly Value[], position: number): string {
  const text = stringOperand(args, position)
  context.spend(1 + (text.length >> 4))
  return text
}

const compiled = new Map<string, RE2JS>()

/** A compiled pattern. Throws BuiltinError when it is none. */
export function compile(pattern: string): RE2JS {
  const kept = compiled.get(pattern)
  if (kept !== undefined) return kept
  if (pattern.length > PATTERN_MAX) throw refused('pattern beyond the limit')
  if (holdsBytes(pattern)) throw refused(`error parsing regexp: invalid UTF-8: \`${pattern}\``)
  let made: RE2JS
  try {
    made = RE2JS.compile(pattern)
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) throw refused(error.message)
    throw error
  }
  const [oldest] = compiled.keys()
  if (compiled.size >= COMPILED_MAX && oldest !== undefined) compiled.delete(oldest)
  compiled.set(pattern, made)
  return made
}

function isPattern(pattern: string): boolean {
  try {
    compile(pattern)
    return true
  } catch (error) {
    if (error instanceof BuiltinError) return false
    throw error
  }
}

function refused(message: string): BuiltinError {
  return new BuiltinError('eval_builtin_error', message)
}

interface Match {
  readonly start: number
  readonly end: number
  readonly groups: readonly (string | undefined)[]
}

/** At most `n` matches, all for a negative `n`. An empty match right behind a match is none, as in Go. */
function findAll(pattern: RE2JS, text: string, n: number, spend: Spend): Match[] {
  const found: Match[] = []
  const matcher = meteredMatcher(pattern, text, spend)
  let last = -1
  while ((n < 0 || found.length < n) && matcher.find()) {
    const [start, end] = [matcher.start(), matcher.end()]
    if (start === end && start === last) continue
    last = end
    spend(1 + (matcher.groupCount() >> 2))
    const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, i) => {
      const from = matcher.start(i)
      return from < 0 ? undefined : text.slice(from, matcher.end(i))
    })
    found.push({ start, end, groups })
  }
  return found
}

function split(pattern: RE2JS, text: string, spend: Spend): string[] {
  if (text === '' && pattern.pattern() !== '') return ['']
  const parts: string[] = []
  let from = 0
  let end = 0
  for (const match of findAll(pattern, text, -1, spend)) {
    end = match.start
    if (match.end !== 0) parts.push(text.slice(from, end))
    from = match.end
  }
  if (end !== text.length) parts.push(text.slice(from))
  return parts
}

function replace(pattern: RE2JS, text: string, by: string, spend: Spend): string {
  const names = new RegoObject(Object.entries(pattern.namedGroups()))
  let replaced = ''
  let from = 0
  for (const match of findAll(pattern, text, -1, spend)) {
    const put = expand(by, match, names)
    spend((by.length + put.length) >> 6)
    replaced += text.slice(from, match.start) + put
    if (replaced.length > TEXT_MAX) throw refused('string beyond the limit')
    from = match.end
  }
  return replaced + text.slice(from)
}

/** Go's templates: `$1`, `${1}`, `$name`, `$$`; an unknown name is empty, a lone dollar itself. */
function expand(template: string, match: Match, names: RegoObject): string {
  return template.replace(
    /\$(?:(\$)|([A-Za-z0-9_]+)|\{([A-Za-z0-9_]+)\})/g,
    (_, dollar?: string, name?: string, braced?: string) => {
      if (dollar !== undefined) return '$'
      const wanted = name ?? braced ?? ''
      const index = /^[0-9]+$/.test(wanted) ? Number(wanted) : names.get(wanted)
      return typeof index === 'number' ? (match.groups[index] ?? '') : ''
    },
  )
}

function delimiter(args: readonly Value[], position: number, which: string): string {
  const text = stringOperand(args, position)
  if (Buffer.byteLength(text) !== 1) {
    throw refused(`${which} delimiter has to be exactly one character long but is ${Buffer.byteLength(text)} long`)
  }
  return text
}

/** Text between the delimiters is a pattern, text outside them stands for itself. */
function templatePattern(template: string, start: string, end: string): string {
  let pattern = '^'
  let depth = 0
  let from = 0
  for (let i = 0; i < template.length; i++) {
    const char = template.charAt(i)
    if (char === start && depth++ === 0) {
      pattern += RE2JS.quote(template.slice(from, i))
      from = i + 1
    } else if (char === end && --depth === 0) {
      pattern += `(${template.slice(from, i)})`
      from = i + 1
    }
    if (depth < 0) throw refused(`unbalanced braces in ${JSON.stringify(template)}`)
  }
  if (depth !== 0) throw refused(`unbalanced braces in ${JSON.stringify(template)}`)
  return `${pattern}${RE2JS.quote(template.slice(from))}$`
}
