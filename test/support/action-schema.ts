// Writes fixtures/schema/action.v1.json from the TypeScript types in engine/action, which are the source of truth.
// Reads just the subset of TypeScript that those files use; anything else is an error, never a guess.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

type Schema = { [key: string]: unknown }

const sources = ['document.ts', 'sql/facts.ts', 'shell/facts.ts', 'kube/facts.ts', 'http/facts.ts']
const jsonValue = new Set(['Json', 'KubeJson', 'HttpJson'])

interface Token {
  readonly kind: 'name' | 'string' | 'number' | 'doc' | 'mark'
  readonly text: string
}

function scan(source: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < source.length) {
    const rest = source.slice(at)
    const match =
      /^(?:\s+|\/\/[^\n]*)/.exec(rest) ??
      /^\/\*\*(?<doc>[\s\S]*?)\*\//.exec(rest) ??
      /^(?<name>[A-Za-z_$][\w$]*)/.exec(rest) ??
      /^'(?<string>[^']*)'/.exec(rest) ??
      /^(?<number>\d+)/.exec(rest) ??
      /^(?<mark>[^\s\w])/.exec(rest)
    if (match === null) throw new Error(`cannot read: ${rest.slice(0, 40)}`)
    at += match[0].length
    for (const kind of ['doc', 'name', 'string', 'number', 'mark'] as const) {
      const text = match.groups?.[kind]
      if (text !== undefined)
        tokens.push({
          kind,
          text:
            kind === 'doc'
              ? text
                  .replace(/^\s*\*?/gm, ' ')
                  .replace(/\s+/g, ' ')
                  .trim()
              : text,
        })
    }
  }
  return tokens
}

/** A cursor over the tokens of one file; reads the exported interfaces and type aliases into schemas. */
class Reader {
  readonly #tokens: readonly Token[]
  #at = 0
  constructor(source: string) {
    this.#tokens = scan(source)
  }

  declarations(into: Map<string, Schema>): void {
    while (this.#at < this.#tokens.length) {
      const doc = this.#doc()
      if (this.#take('export') && (this.#take('interface') || this.#take('type'))) {
        const name = this.#name()
        this.#take('=')
        const schema = this.#union()
        into.set(name, jsonValue.has(name) ? {} : { ...schema, ...(doc === undefined ? {} : { description: doc }) })
      } else this.#at++
    }
  }

  #union(): Schema {
    this.#take('|')
    const options = [this.#array()]
    while (this.#take('|')) options.push(this.#array())
    if (options.length === 1) return options[0] ?? {}
    if (options.every((option) => 'const' in option && typeof option.const === 'string'))
      return { type: 'string', enum: options.map((option) => option.const) }
    const types = options.map((option) => option.type)
    if (options.every((option) => Object.keys(option).length === 1 && typeof option.type === 'string'))
      return { type: types }
    return { anyOf: options }
  }

  #array(): Schema {
    if (this.#take('readonly')) return this.#array()
    let schema = this.#primary()
    while (this.#peek('[')) {
      this.#expect('[')
      this.#expect(']')
      schema = { type: 'array', items: schema }
    }
    return schema
  }

  #primary(): Schema {
    if (this.#take('(')) {
      const inner = this.#union()
      this.#expect(')')
      return inner
    }
    if (this.#peek('{')) return this.#object()
    const token = this.#next()
    if (token.kind === 'string') return { const: token.text }
    if (token.kind !== 'name') throw new Error(`unexpected ${token.text}`)
    switch (token.text) {
      case 'string':
      case 'number':
      case 'boolean':
      case 'null':
        return { type: token.text }
      case 'true':
        return { type: 'boolean', const: true }
      case 'typeof':
        this.#name()
        return { const: 1 }
      default:
        return { $ref: `#/$defs/${token.text}` }
    }
  }

  #object(): Schema {
    this.#expect('{')
    const properties: { [name: string]: Schema } = {}
    const required: string[] = []
    let additional: Schema | false = false
    while (!this.#take('}')) {
      const doc = this.#doc()
      this.#take('readonly')
      if (this.#take('[')) {
        this.#name()
        this.#expect(':')
        this.#union()
        this.#expect(']')
        this.#expect(':')
        additional = this.#union()
      } else {
        const name = this.#name()
        if (!this.#take('?')) required.push(name)
        this.#expect(':')
        properties[name] = { ...this.#union(), ...(doc === undefined ? {} : { description: doc }) }
      }
      this.#take(';')
    }
    return {
      type: 'object',
      ...(Object.keys(properties).length > 0 ? { properties, required } : {}),
      additionalProperties: additional,
    }
  }

  #doc(): string | undefined {
    let text: string | undefined
    while (this.#tokens[this.#at]?.kind === 'doc') text = this.#tokens[this.#at++]?.text
    return text
  }
  #peek(text: string): boolean {
    return this.#tokens[this.#at]?.text === text
  }
  #take(text: string): boolean {
    if (!this.#peek(text)) return false
    this.#at++
    return true
  }
  #expect(text: string): void {
    if (!this.#take(text)) throw new Error(`expected ${text}, found ${this.#tokens[this.#at]?.text}`)
  }
  #next(): Token {
    const token = this.#tokens[this.#at++]
    if (token === undefined) throw new Error('unexpected end')
    return token
  }
  #name(): string {
    const token = this.#next()
    if (token.kind !== 'name') throw new Error(`expected a name, found ${token.text}`)
    return token.text
  }
}

/** The published JSON Schema of the action document, as text. */
export function actionSchemaText(): string {
  const definitions = new Map<string, Schema>()
  for (const source of sources) {
    new Reader(readFileSync(new URL(`../../engine/action/${source}`, import.meta.url), 'utf8')).declarations(
      definitions,
    )
  }
  const $defs = Object.fromEntries([...definitions].sort(([a], [b]) => (a < b ? -1 : 1)))
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: 'urn:sallyport:schema:action:1',
    title: 'Sallyport action document, version 1',
    $ref: '#/$defs/ActionDocument',
    $defs,
  }
  return `${JSON.stringify(schema, null, 2)}\n`
}

const target = fileURLToPath(new URL('../../fixtures/schema/action.v1.json', import.meta.url))
if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(target, actionSchemaText())
