// Words of a command line: quotes, escapes and expansions. A word has a value only when every shell gives it the same one.
import { doubtOfAssignment } from './programs.ts'
import { type Findings, Scanner, Unreadable } from './scan.ts'

/** One word. */
export interface Word {
  /** After quote removal; null when it depends on something that is not in the line. */
  readonly value: string | null
  /** True when some part of it was quoted, so that it is no reserved word and no operator. */
  readonly quoted: boolean
  /** As written. */
  readonly raw: string
}

/** Reads a script inside a script: the contents of a substitution. */
export type ReadScript = (text: string, via: readonly string[], depth: number) => void

/** Reads a script inside a script where it stands, up to the bracket that closes it, which is taken. */
export type ReadNested = (scanner: Scanner, via: readonly string[], depth: number) => void

/** What reading words needs. */
export interface WordContext {
  readonly findings: Findings
  readonly via: readonly string[]
  readonly depth: number
  readonly readScript: ReadScript
  readonly readNested: ReadNested
}

const ends = new Set([' ', '\t', '\n', ';', '&', '|', '<', '>', '(', ')', ''])

/** Reads one word; the scanner stands at its first character. Undefined when there is none. */
export function readWord(scanner: Scanner, context: WordContext): Word | undefined {
  const start = scanner.at
  const built = new Built()
  while (!ends.has(scanner.ahead) || isProcessSubstitution(scanner)) {
    const char = scanner.ahead
    if (char === "'") built.add(singleQuoted(scanner), true)
    else if (char === '"') doubleQuoted(scanner, context, built)
    else if (char === '\\') escaped(scanner, built)
    else if (char === '$') dollar(scanner, context, built, false)
    else if (char === '`') backticks(scanner, context, built, false)
    else if (isProcessSubstitution(scanner)) processSubstitution(scanner, context, built)
    else plain(scanner, built, start)
  }
  // `name(` in the middle of a word is a function or a pattern; who reads the word looks at what follows.
  if (scanner.at === start) return undefined
  return { value: built.value, quoted: built.quoted, raw: scanner.text.slice(start, scanner.at) }
}

class Built {
  value: string | null = ''
  quoted = false
  /** Braces that expand: one that is open, and whether what makes several words of it was seen since. */
  brace: 'none' | 'open' | 'several' = 'none'
  add(text: string, quoted: boolean): void {
    this.quoted ||= quoted
    if (this.value !== null) this.value += text
  }
  unknown(): void {
    this.value = null
  }
}

function isProcessSubstitution(scanner: Scanner): boolean {
  return scanner.startsWith('<(') || scanner.startsWith('>(')
}

function processSubstitution(scanner: Scanner, context: WordContext, built: Built): void {
  scanner.at += 2
  if (reopensBracket(scanner)) context.findings.doubt('`((` is read differently by shells')
  context.readNested(scanner, [...context.via, 'process substitution'], context.depth + 1)
  built.unknown()
}

/** True behind an opening bracket where only joined lines lie before the next: shells join them first. */
export function reopensBracket(scanner: Scanner): boolean {
  let at = scanner.at
  while (scanner.text.startsWith('\\\n', at)) at += 2
  return at > scanner.at && scanner.text[at] === '('
}

/** Characters that expand without quotes: globs, braces and the tilde. */
function plain(scanner: Scanner, built: Built, start: number): void {
  const isFirst = scanner.at === start
  const char = scanner.take()
  built.add(char, false)
  if (char === '*' || char === '?' || char === '[') {
    // `[` and `[[` as whole words are commands.
    const rest = scanner.ahead
    if (char === '[' && isFirst && (ends.has(rest) || rest === '[')) return
    if (char === '[' && scanner.text.slice(start, scanner.at) === '[[' && ends.has(rest)) return
    built.unknown()
  } else if (char === '{') {
    if (built.brace === 'none') built.brace = 'open'
  } else if (built.brace !== 'none' && (char === ',' || char === '.')) built.brace = 'several'
  else if (char === '}' && built.brace === 'several') built.unknown()
  else if (char === '~' && (isFirst || scanner.text[scanner.at - 2] === ':' || scanner.text[scanner.at - 2] === '='))
    built.unknown()
  // `=name` is the path of a program to some; `=`, `==` and `=~` are operators of tests.
  else if (char === '=' && isFirst && !ends.has(scanner.ahead) && !/[=~]/.test(scanner.ahead)) built.unknown()
}

function singleQuoted(scanner: Scanner): string {
  const end = scanner.text.indexOf("'", scanner.at + 1)
  if (end < 0) throw new Unreadable('a quote does not end')
  const text = scanner.text.slice(scanner.at + 1, end)
  scanner.at = end + 1
  return text
}

function escaped(scanner: Scanner, built: Built): void {
  scanner.at++
  if (scanner.isAtEnd) {
    built.unknown()
    return
  }
  const char = scanner.take()
  // A newline that is escaped is not there at all.
  if (char === '\n') return
  built.add(char, true)
}

function doubleQuoted(scanner: Scanner, context: WordContext, built: Built): void {
  scanner.at++
  built.add('', true)
  while (!scanner.skip('"')) {
    if (scanner.isAtEnd) throw new Unreadable('a quote does not end')
    const char = scanner.ahead
    if (char === '\\') {
      const next = scanner.text[scanner.at + 1] ?? ''
      scanner.at += 2
      if (next === '\n') continue
      built.add('$`"\\'.includes(next) && next !== '' ? next : `\\${next}`, true)
    } else if (char === '$') dollar(scanner, context, built, true)
    else if (char === '`') backticks(scanner, context, built, true)
    else built.add(scanner.take(), true)
  }
}

function dollar(scanner: Scanner, context: WordContext, built: Built, inQuotes: boolean): void {
  scanner.at++
  const { findings } = context
  if (scanner.startsWith('((')) {
    arithmetic(scanner, context, built)
    return
  }
  // Shells join lines before they look at what follows.
  if (scanner.startsWith('\\\n')) throw new Unreadable('an expansion goes over the end of a line')
  if (scanner.skip('(')) {
    if (reopensBracket(scanner)) findings.doubt('`((` is read differently by shells')
    context.readNested(scanner, [...context.via, '$()'], context.depth + 1)
    built.unknown()
    return
  }
  if (scanner.skip('{')) {
    parameter(scanner, context, inQuotes)
    built.unknown()
    return
  }
  if (scanner.startsWith('[')) {
    findings.doubt('arithmetic can run commands')
    scanner.at++
    built.unknown()
    return
  }
  if (!inQuotes && (scanner.ahead === "'" || scanner.ahead === '"')) {
    // Shells read $'...' and $"..." differently.
    if (scanner.ahead === "'") ansiQuoted(scanner)
    else doubleQuoted(scanner, context, built)
    built.quoted = true
    built.unknown()
    return
  }
  if (/[A-Za-z0-9_@*#?!$-]/.test(scanner.ahead)) {
    if (/[A-Za-z_]/.test(scanner.ahead)) while (/[A-Za-z0-9_]/.test(scanner.ahead)) scanner.at++
    else scanner.at++
    built.unknown()
    return
  }
  // To some shells these say how the variable behind them expands.
  if (/[=~^+]/.test(scanner.ahead)) {
    context.findings.doubt('an expansion is read differently by shells')
    built.unknown()
  }
  built.add('$', false)
}

function ansiQuoted(scanner: Scanner): void {
  scanner.at++
  while (!scanner.skip("'")) {
    if (scanner.isAtEnd) throw new Unreadable('a quote does not end')
    if (scanner.skip('\\') && scanner.ahead === "'") throw new Unreadable('a quote is read differently by shells')
    scanner.at++
  }
}

const parameterName = /[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?!$-]/y
const parameterOperator = /:?[-=?+]|##?|%%?|\/[/#%]?|\^\^?|,,?/y

/** `${...}`, behind its brace: what nests in it is read, and what some shell would evaluate makes the line incomplete. */
function parameter(scanner: Scanner, context: WordContext, inQuotes: boolean): void {
  const { findings } = context
  if (scanner.startsWith('#') && !scanner.startsWith('#}')) {
    scanner.at++
    if (taken(scanner, parameterName) === undefined || !scanner.skip('}'))
      throw new Unreadable('an expansion is read differently by shells')
    return
  }
  const name = taken(scanner, parameterName)
  if (name !== undefined && scanner.skip('}')) return
  const operator = taken(scanner, parameterOperator)
  if (name === undefined || name === '!' || name === '#' || operator === undefined)
    findings.doubt('an expansion can run commands')
  else if (operator.endsWith('=')) {
    const doubt = doubtOfAssignment(name, null)
    if (doubt !== undefined) findings.doubt(doubt)
  }
  defaultValue(scanner, context, inQuotes)
}

/** The rest of an expansion, up to its brace. Where shells end it at different braces it is not read. */
function defaultValue(scanner: Scanner, context: WordContext, inQuotes: boolean): void {
  const built = new Built()
  while (!scanner.skip('}')) {
    const char = scanner.ahead
    if (scanner.isAtEnd) throw new Unreadable('a brace does not close')
    if (char === '\\') scanner.at += 2
    else if (char === '{') throw new Unreadable('a brace in braces is read differently by shells')
    else if (char === '$') dollar(scanner, context, built, inQuotes)
    else if (char === '`') backticks(scanner, context, built, inQuotes)
    else if (inQuotes && (char === "'" || char === '"'))
      throw new Unreadable('a quote in braces is read differently by shells')
    else if (char === "'") singleQuoted(scanner)
    else if (char === '"') doubleQuoted(scanner, context, built)
    else if (isProcessSubstitution(scanner)) processSubstitution(scanner, context, built)
    // Behind a pattern some shells take what stands in brackets for conditions, which can run commands.
    else if (char === '(' && !inQuotes) throw new Unreadable('a bracket in braces is read differently by shells')
    else scanner.at++
  }
}

/** Takes what a sticky expression finds ahead. */
function taken(scanner: Scanner, expression: RegExp): string | undefined {
  expression.lastIndex = scanner.at
  const found = expression.exec(scanner.text)?.[0]
  if (found !== undefined) scanner.at += found.length
  return found
}

function arithmetic(scanner: Scanner, context: WordContext, built: Built): void {
  scanner.at += 2
  const inner = balanced(scanner)
  doubtArithmetic(inner, context)
  // What does not end in two brackets is a substitution that begins with a subshell.
  if (!scanner.skip(')')) throw new Unreadable('a substitution is not told from arithmetic')
  built.unknown()
}

/** Arithmetic over anything but numbers: a variable's value is evaluated too, and may hold a substitution. */
export function doubtArithmetic(inner: string, context: WordContext): void {
  if (!/^[0-9\s+*/%()<>=!&|^~?:,-]*$/.test(inner)) context.findings.doubt('arithmetic can run commands')
  readText(inner, context)
}

function backticks(scanner: Scanner, context: WordContext, built: Built, inQuotes: boolean): void {
  scanner.at++
  let inner = ''
  while (!scanner.skip('`')) {
    if (scanner.isAtEnd) throw new Unreadable('a substitution does not end')
    if (inQuotes && scanner.startsWith('\\"')) throw new Unreadable('a quote is read differently by shells')
    if (scanner.ahead === '\\' && '$`\\'.includes(scanner.text[scanner.at + 1] ?? ' ')) scanner.at++
    inner += scanner.take()
  }
  context.readScript(inner, [...context.via, '$()'], context.depth + 1)
  built.unknown()
}

/** Reads the expansions of a text that is no word: the body of a here-document, a default value. */
export function readText(text: string, context: WordContext): void {
  if (!text.includes('$') && !text.includes('`')) return
  const scanner = new Scanner(text)
  const built = new Built()
  while (!scanner.isAtEnd) {
    if (scanner.ahead === '\\') scanner.at += 2
    else if (scanner.ahead === '$') dollar(scanner, context, built, true)
    else if (scanner.ahead === '`') backticks(scanner, context, built, true)
    else scanner.at++
  }
}

/** The text up to the bracket that closes, which is taken, of what makes the line incomplete unless it is all numbers. */
export function balanced(scanner: Scanner): string {
  const start = scanner.at
  let depth = 1
  while (depth > 0) {
    if (scanner.isAtEnd) throw new Unreadable('a bracket does not close')
    const char = scanner.take()
    if (char === '\\') scanner.at++
    else if (char === '(') depth++
    else if (char === ')') depth--
  }
  return scanner.text.slice(start, scanner.at - 1)
}
