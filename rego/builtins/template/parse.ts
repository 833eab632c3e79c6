// Go's text/template, parsed: text, actions, pipelines and the blocks that they open. Everything is bounded.
import { BuiltinError } from '../contract.ts'

/** One node of a template. */
export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly pipe: Pipe }
  | Block
  | { readonly kind: 'template'; readonly name: string; readonly pipe: Pipe | undefined }
  | { readonly kind: 'break' | 'continue' }

/** What is run or not, or run many times. */
export interface Block {
  readonly kind: 'if' | 'with' | 'range'
  readonly pipe: Pipe
  readonly body: readonly Node[]
  readonly otherwise: readonly Node[]
}

/** A pipeline: commands, each fed with what the one before gives, and the variables that take its value. */
export interface Pipe {
  readonly variables: readonly string[]
  readonly declares: boolean
  readonly commands: readonly (readonly Operand[])[]
}

/** An operand of a command. */
export type Operand =
  | { readonly kind: 'dot' | 'nil' }
  | { readonly kind: 'constant'; readonly value: boolean | string | Num }
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'variable'; readonly name: string; readonly fields: readonly string[] }
  | { readonly kind: 'field'; readonly fields: readonly string[] }
  | { readonly kind: 'pipe'; readonly pipe: Pipe; readonly fields: readonly string[] }

/** A number that the template itself holds. */
export interface Num {
  readonly number: number
  readonly float: boolean
}

/** A parsed template with the templates that it defines. */
export interface Template {
  readonly nodes: readonly Node[]
  readonly named: ReadonlyMap<string, readonly Node[]>
}

const templateMax = 1_000_000
const depthMax = 50

/** Refuses a template or its run, as the built-in's own error. */
export function templateError(message: string): BuiltinError {
  return new BuiltinError('eval_builtin_error', `template: template:${message}`)
}

/** Parses a template. Throws BuiltinError. */
export function parseTemplate(text: string): Template {
  if (text.length > templateMax) throw templateError('1: template too long')
  const named = new Map<string, readonly Node[]>()
  const parser = new Parser(pieces(text), named)
  const { nodes, end } = parser.list(0)
  if (end !== undefined) throw templateError(`1: unexpected {{${end}}}`)
  return { nodes, named }
}

type Piece = { readonly text: string } | { readonly action: string }

/** Text and actions by turns; trim markers taken into account, comments gone. */
function pieces(text: string): readonly Piece[] {
  const found: Piece[] = []
  let at = 0
  let trimStart = false
  for (;;) {
    const open = text.indexOf('{{', at)
    let before = text.slice(at, open < 0 ? undefined : open)
    if (trimStart) before = before.trimStart()
    if (open < 0) {
      found.push({ text: before })
      return found
    }
    const isTrimmed = /^-[ \t\r\n]/.test(text.slice(open + 2, open + 4))
    found.push({ text: isTrimmed ? before.trimEnd() : before })
    const start = open + 2 + (isTrimmed ? 2 : 0)
    const comment = /^\s*\/\*/.exec(text.slice(start, start + 100))
    if (comment !== null) {
      const end = text.indexOf('*/', start)
      const close = end < 0 ? undefined : /^\*\/(\s+-)?\}\}/.exec(text.slice(end, end + 100))
      if (close === undefined || close === null) throw templateError('1: unclosed comment')
      trimStart = close[1] !== undefined
      at = end + close[0].length
      continue
    }
    const end = actionEnd(text, start)
    const inside = text.slice(start, end)
    trimStart = /[ \t\r\n]-$/.test(inside)
    found.push({ action: trimStart ? inside.slice(0, -1) : inside })
    at = end + 2
  }
}

/** Where an action ends; quotes may hold braces. */
function actionEnd(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    const char = text[at]
    if (char === '}' && text[at + 1] === '}') return at
    if (char === '\n' || (char !== '"' && char !== '`' && char !== "'")) continue
    const quote = char
    for (at++; at < text.length && text[at] !== quote; at++) if (text[at] === '\\' && quote !== '`') at++
  }
  throw templateError('1: unclosed action')
}

class Parser {
  readonly #pieces: readonly Piece[]
  readonly #named: Map<string, readonly Node[]>
  #at = 0
  /** How many loops there are around what is read: only there may one be left. */
  #ranges = 0

  constructor(all: readonly Piece[], named: Map<string, readonly Node[]>) {
    this.#pieces = all
    this.#named = named
  }

  /** Nodes up to `end`, `else` or the end of the text; `rest` is what stands behind an `else`. */
  list(depth: number): { readonly nodes: readonly Node[]; readonly end: string | undefined; readonly rest: string } {
    if (depth > depthMax) throw templateError('1: blocks nest too deep')
    const nodes: Node[] = []
    for (let piece = this.#pieces[this.#at++]; piece !== undefined; piece = this.#pieces[this.#at++]) {
      if ('text' in piece) {
        if (piece.text !== '') nodes.push({ kind: 'text', text: piece.text })
        continue
      }
      const [, word = '', rest = ''] = /^\s*([a-z]*)\b([\s\S]*)$/.exec(piece.action) ?? []
      switch (word) {
        case 'end':
        case 'else':
          return { nodes, end: word, rest }
        case 'if':
        case 'with':
        case 'range':
          nodes.push(this.#block(word, rest, depth))
          break
        case 'define': {
          const [name] = named(rest)
          this.#named.set(name, this.#own(depth))
          break
        }
        case 'template': {
          const [name, behind] = named(rest)
          nodes.push({ kind: 'template', name, pipe: behind.trim() === '' ? undefined : pipeOf(behind) })
          break
        }
        case 'block': {
          const [name, behind] = named(rest)
          this.#named.set(name, this.#own(depth))
          nodes.push({ kind: 'template', name, pipe: pipeOf(behind) })
          break
        }
        case 'break':
        case 'continue':
          if (this.#ranges === 0) throw templateError(`1: {{${word}}} outside {{range}}`)
          nodes.push({ kind: word })
          break
        default:
          nodes.push({ kind: 'action', pipe: pipeOf(piece.action) })
      }
    }
    return { nodes, end: undefined, rest: '' }
  }

  /** The body of a template of its own: loops around it are not its. */
  #own(depth: number): readonly Node[] {
    const around = this.#ranges
    this.#ranges = 0
    const nodes = this.#body(depth)
    this.#ranges = around
    return nodes
  }

  #body(depth: number): readonly Node[] {
    const { nodes, end } = this.list(depth + 1)
    if (end !== 'end') throw templateError('1: unexpected EOF')
    return nodes
  }

  #block(kind: 'if' | 'with' | 'range', head: string, depth: number): Node {
    const pipe = pipeOf(head)
    // What stands behind `else` is no part of the loop.
    const loops = kind === 'range' ? 1 : 0
    this.#ranges += loops
    const { nodes, end, rest } = this.list(depth + 1)
    this.#ranges -= loops
    if (end === undefined) throw templateError('1: unexpected EOF')
    if (end === 'end') return { kind, pipe, body: nodes, otherwise: [] }
    const [, word, behind = ''] = /^\s*(if|with)\b([\s\S]*)$/.exec(rest) ?? []
    if (word === 'if' || word === 'with')
      return { kind, pipe, body: nodes, otherwise: [this.#block(word, behind, depth + 1)] }
    return { kind, pipe, body: nodes, otherwise: this.#body(depth) }
  }
}

/** A quoted name, and what stands behind it. */
function named(text: string): readonly [string, string] {
  const tokens = new Tokens(text)
  const token = tokens.next()
  if (token?.kind !== 'string') throw templateError('1: a template has no name')
  return [token.text, text.slice(tokens.at)]
}

type Token = {
  readonly kind: 'string' | 'number' | 'char' | 'word' | 'field' | 'variable' | 'sign'
  readonly text: string
}

/** Each is tried where the last token ended; none looks further than its own token. */
const patterns: readonly (readonly [Token['kind'], RegExp])[] = [
  ['string', /"(?:[^"\\\n]|\\.)*"|`[^`]*`/y],
  ['char', /'(?:[^'\\\n]|\\.[0-9a-fA-F]*)'/y],
  ['number', /[+-]?(?:0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|\d[\d_]*(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)/y],
  ['variable', /\$[\p{L}\p{Nd}_]*/uy],
  ['field', /\.[\p{L}_][\p{L}\p{Nd}_]*/uy],
  ['word', /[\p{L}_][\p{L}\p{Nd}_]*/uy],
  ['sign', /:=|[|(),=.]/y],
]

class Tokens {
  readonly #text: string
  at = 0

  constructor(text: string) {
    this.#text = text
  }

  /** Whether space stands before the next token: fields join what they touch. */
  spaced(): boolean {
    return /\s/.test(this.#text[this.at] ?? ' ')
  }

  peek(): Token | undefined {
    const before = this.at
    const token = this.next()
    this.at = before
    return token
  }

  next(): Token | undefined {
    while (/\s/.test(this.#text[this.at] ?? '')) this.at++
    if (this.at >= this.#text.length) return undefined
    for (const [kind, pattern] of patterns) {
      pattern.lastIndex = this.at
      const [text] = pattern.exec(this.#text) ?? []
      if (text === undefined) continue
      this.at += text.length
      return { kind, text: kind === 'string' ? unquoted(text) : text }
    }
    throw templateError(`1: unexpected ${JSON.stringify(this.#text[this.at])} in operand`)
  }
}

function unquoted(text: string): string {
  if (text.startsWith('`')) return text.slice(1, -1)
  const plain = text
    .slice(1, -1)
    .replace(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)))
    .replace(/\\x([0-9a-fA-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replace(/\\U([0-9a-fA-F]{8})/g, (_, code: string) =>
      String.fromCodePoint(Math.min(Number.parseInt(code, 16), 0x10ffff)),
    )
  const signs: Readonly<Record<string, string>> = { a: '\x07', v: '\v', "'": "'" }
  const json = plain
    .replace(/\\([av'])/g, (_, sign: string) => signs[sign] ?? '')
    .replace(/[\u0000-\u001f]/g, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`)
  try {
    return String(JSON.parse(`"${json}"`))
  } catch {
    throw templateError('1: invalid syntax in a string')
  }
}

function pipeOf(text: string): Pipe {
  const tokens = new Tokens(text)
  const pipe = readPipe(tokens, 0)
  if (tokens.next() !== undefined) throw templateError('1: unexpected ")" in operand')
  return pipe
}

function readPipe(tokens: Tokens, depth: number): Pipe {
  if (depth > depthMax) throw templateError('1: pipelines nest too deep')
  const { variables, declares } = declaration(tokens)
  const commands: Operand[][] = []
  for (;;) {
    const command: Operand[] = []
    for (let token = tokens.peek(); token !== undefined; token = tokens.peek()) {
      if (token.kind === 'sign' && (token.text === '|' || token.text === ')')) break
      command.push(operand(tokens, depth))
    }
    if (command.length === 0) throw templateError(`1: missing value for command`)
    commands.push(command)
    const next = tokens.peek()
    if (next?.text !== '|' || next.kind !== 'sign') return { variables, declares, commands }
    tokens.next()
  }
}

/** `$x :=`, `$x =`, `$i, $e :=`. */
function declaration(tokens: Tokens): { readonly variables: readonly string[]; readonly declares: boolean } {
  const start = tokens.at
  const variables: string[] = []
  for (let token = tokens.next(); token?.kind === 'variable'; token = tokens.next()) {
    variables.push(token.text)
    const sign = tokens.next()
    if (sign?.kind === 'sign' && (sign.text === ':=' || sign.text === '='))
      return { variables, declares: sign.text === ':=' }
    if (sign?.text !== ',' || variables.length > 1) break
  }
  tokens.at = start
  return { variables: [], declares: false }
}

function operand(tokens: Tokens, depth: number): Operand {
  const token = tokens.next()
  switch (token?.kind) {
    case 'string':
      return { kind: 'constant', value: token.text }
    case 'char':
      return {
        kind: 'constant',
        value: { number: unquoted(`"${token.text.slice(1, -1)}"`).codePointAt(0) ?? 0, float: false },
      }
    case 'number':
      return { kind: 'constant', value: numberOf(token.text) }
    case 'variable':
      return { kind: 'variable', name: token.text, fields: fieldsBehind(tokens) }
    case 'field':
      return { kind: 'field', fields: [token.text.slice(1), ...fieldsBehind(tokens)] }
    case 'word':
      if (token.text === 'true' || token.text === 'false') return { kind: 'constant', value: token.text === 'true' }
      return token.text === 'nil' ? { kind: 'nil' } : { kind: 'function', name: token.text }
    case 'sign': {
      if (token.text === '.') return { kind: 'dot' }
      if (token.text !== '(') break
      const pipe = readPipe(tokens, depth + 1)
      if (tokens.next()?.text !== ')') throw templateError('1: unclosed left paren')
      return { kind: 'pipe', pipe, fields: fieldsBehind(tokens) }
    }
    case undefined:
      break
  }
  throw templateError(`1: unexpected ${JSON.stringify(token?.text ?? 'EOF')} in operand`)
}

function fieldsBehind(tokens: Tokens): readonly string[] {
  const fields: string[] = []
  while (!tokens.spaced() && tokens.peek()?.kind === 'field') fields.push((tokens.next()?.text ?? '').slice(1))
  return fields
}

function numberOf(text: string): Num {
  const plain = text.replaceAll('_', '')
  const float = !/^[+-]?0[xX]/.test(plain) && /[.eE]/.test(plain)
  const number = Number(plain.replace(/^\+/, '').replace(/^-(?=0[xob])/i, ''))
  if (Number.isNaN(number)) throw templateError(`1: bad number syntax: ${JSON.stringify(text)}`)
  const signed = plain.startsWith('-') && number > 0 ? -number : number
  return { number: signed, float: float && !Number.isInteger(signed) ? true : float }
}
