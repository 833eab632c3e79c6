// Random policies and inputs for comparing engines: small vocabularies, so that rules meet, conflict and call each other.

/** Random numbers from 0 up to 1. */
export type Random = () => number

function pick<T>(random: Random, items: readonly [T, ...T[]]): T {
  return items[Math.floor(random() * items.length)] ?? items[0]
}

const fields = ['a', 'b', 'c', 'k1'] as const
const words = ['"a"', '"b"', '"ü𝄞"', '""', '"a.b"', '"A b"'] as const
const numbers = ['0', '1', '2', '-3', '1.5', '10', '9007199254740993', '1e3', '0.1', '1.0', '2.00', '-0'] as const

/** A random input, as plain data. */
export function randomInput(random: Random, depth = 0): unknown {
  const kind = Math.floor(random() * (depth > 3 ? 5 : 8))
  switch (kind) {
    case 0:
      return null
    case 1:
      return random() < 0.5
    case 2:
      return pick(random, [0, 1, 2, -3, 1.5, 10, 1e20, 0.1, 2 ** 31, -(2 ** 40)])
    case 3:
    case 4:
      return pick(random, ['a', 'b', 'ü𝄞', '', 'a.b', 'A b', 'c'])
    case 5:
      return Array.from({ length: Math.floor(random() * 4) }, () => randomInput(random, depth + 1))
    default: {
      const object: { [name: string]: unknown } = {}
      const size = random() < 0.05 ? 20 : Math.floor(random() * 5)
      for (let i = 0; i < size; i++) object[size > 5 ? `f${i}` : pick(random, fields)] = randomInput(random, depth + 1)
      return object
    }
  }
}

/** A random module of the package `g`, with the rules r0, r1 and so on. */
export function randomModule(random: Random): { readonly text: string; readonly rules: readonly string[] } {
  const writer = new RuleWriter(random)
  const count = 2 + Math.floor(random() * 6)
  const rules: string[] = []
  for (let i = 0; i < count; i++) writer.rule(i)
  for (let i = 0; i < count; i++) rules.push(`r${i}`)
  return { text: `package g\nimport rego.v1\n${writer.lines.join('\n')}\n`, rules }
}

type RuleKind = 'complete' | 'set' | 'object' | 'sets' | 'function'

class RuleWriter {
  readonly lines: string[] = []
  readonly #random: Random
  readonly #kinds: RuleKind[] = []
  #next = 0

  constructor(random: Random) {
    this.#random = random
  }

  rule(index: number): void {
    const kind = this.#one<RuleKind>(['complete', 'complete', 'complete', 'set', 'object', 'sets', 'function'])
    const name = `r${index}`
    // Now and then a rule of many bodies that one field tells apart: what a rule index is for.
    const guard = this.#chance(0.2) ? this.#one(fields) : undefined
    const bodies = guard === undefined ? 1 + Math.floor(this.#random() * 3) : 5 + Math.floor(this.#random() * 6)
    if (kind === 'complete' && this.#chance(0.3)) this.lines.push(`default ${name} := ${this.#scalar()}`)
    for (let i = 0; i < bodies; i++) {
      const scope = kind === 'function' ? ['x'] : []
      const body = this.#body(scope, 0)
      if (guard !== undefined && this.#chance(0.95)) body.unshift(`input.${guard} == ${this.#one(words)}`)
      const value = this.#expression(scope, 1)
      if (kind === 'complete') {
        const otherwise = this.#chance(0.25) ? ` else := ${this.#scalar()} if { ${this.#body([], 1).join('; ')} }` : ''
        this.lines.push(`${name} := ${value} if { ${body.join('; ')} }${otherwise}`)
      } else if (kind === 'set') this.lines.push(`${name} contains ${value} if { ${body.join('; ')} }`)
      else if (kind === 'object') {
        this.lines.push(`${name}[${this.#scope(scope)}] := ${value} if { ${body.join('; ')} }`)
      } else if (kind === 'sets') {
        const leaf = bodies % 2 === 0 ? '' : `.${this.#one(fields)}`
        // Of two loops the inner one adds to what the outer one names.
        const [key, item] = [this.#variable(), this.#variable()]
        const loops = [`some ${key} in ${this.#collection(scope)}`, `some ${item} in ${this.#collection(scope)}`]
        const [outer, inner] = this.#chance(0.5) ? [key, item] : [this.#scope([key, item]), value]
        this.lines.push(`${name}[${outer}]${leaf} contains ${inner} if { ${[...body, ...loops].join('; ')} }`)
      } else this.lines.push(`${name}(x) := ${value} if { ${body.join('; ')} }`)
    }
    this.#kinds.push(kind)
  }

  #one<T>(items: readonly [T, ...T[]]): T {
    return pick(this.#random, items)
  }

  #chance(share: number): boolean {
    return this.#random() < share
  }

  #variable(): string {
    return `v${this.#next++}`
  }

  #scalar(): string {
    const kind = Math.floor(this.#random() * 4)
    if (kind === 0) return this.#one(['true', 'false', 'null'])
    return kind === 1 ? this.#one(words) : this.#one(numbers)
  }

  /** A variable in scope, or a constant. */
  #scope(scope: readonly string[]): string {
    const [first, ...rest] = scope
    return first !== undefined && this.#chance(0.7) ? this.#one([first, ...rest]) : this.#scalar()
  }

  /** Statements; the variables they bind join the scope. */
  #body(scope: string[], depth: number): string[] {
    const count = 1 + Math.floor(this.#random() * 3)
    return Array.from({ length: count }, () => this.#statement(scope, depth))
  }

  #statement(scope: string[], depth: number): string {
    const kind = Math.floor(this.#random() * (depth > 1 ? 6 : 11))
    switch (kind) {
      case 0:
      case 1: {
        const statement = `${this.#variable()} := ${this.#expression(scope, depth)}`
        scope.push(statement.slice(0, statement.indexOf(' ')))
        return statement
      }
      case 2:
      case 3: {
        const [key, value] = [this.#variable(), this.#variable()]
        const statement = `some ${key}, ${value} in ${this.#collection(scope)}`
        scope.push(key, value)
        return statement
      }
      case 4:
        return `${this.#expression(scope, depth)} ${this.#one(['==', '!=', '<', '>=', '>'])} ${this.#expression(scope, depth)}`
      case 5:
        return `${this.#scope(scope)} in ${this.#collection(scope)}`
      case 6:
        return `not ${this.#reference(scope)}`
      case 7:
        return `every e in ${this.#collection(scope)} { e != ${this.#scalar()} }`
      case 8:
        return `${this.#reference(scope)} with input.${this.#one(fields)} as ${this.#expression(scope, 2)}`
      case 9: {
        const [variable, ...parts] = [this.#variable(), this.#scope(scope), this.#reference(scope)]
        scope.push(variable)
        return `${variable} := concat(".", [${parts.join(', ')}])`
      }
      default:
        return this.#reference(scope)
    }
  }

  #collection(scope: readonly string[]): string {
    const kind = Math.floor(this.#random() * 4)
    if (kind === 0) return `[${this.#scope(scope)}, ${this.#scope(scope)}]`
    if (kind === 1) return `{${this.#scope(scope)}, ${this.#scope(scope)}}`
    return this.#reference(scope)
  }

  /** Something that may be undefined. */
  #reference(scope: readonly string[]): string {
    const callable = this.#kinds.flatMap((kind, index) => (kind === 'function' ? [] : [`r${index}`]))
    const kind = Math.floor(this.#random() * 5)
    const [first, ...rest] = callable
    if (kind === 0 && first !== undefined) return this.#one([first, ...rest])
    if (kind === 1 && first !== undefined) return `${this.#one([first, ...rest])}[${this.#scope(scope)}]`
    if (kind === 2) return `input[${this.#scope(scope)}]`
    if (kind === 3) return `data.d.${this.#one(fields)}`
    return `input.${this.#one(fields)}${this.#chance(0.4) ? `.${this.#one(fields)}` : ''}`
  }

  #expression(scope: readonly string[], depth: number): string {
    const kind = Math.floor(this.#random() * (depth > 1 ? 4 : 12))
    const inner = (): string => this.#expression(scope, depth + 1)
    switch (kind) {
      case 0:
      case 1:
        return this.#scope(scope)
      case 2:
      case 3:
        return this.#reference(scope)
      case 4:
        return `${inner()} ${this.#one(['+', '-', '*', '/', '%'])} ${inner()}`
      case 5:
        return `[${inner()}, ${inner()}]`
      case 6:
        return `{${this.#one(words)}: ${inner()}, ${this.#scope(scope)}: ${inner()}}`
      case 7:
        return `{${inner()}, ${inner()}}`
      case 8: {
        const variable = this.#variable()
        const [open, head, close] = this.#one([
          ['[', variable, ']'],
          ['{', variable, '}'],
          ['{', `k: ${variable}`, '}'],
        ])
        const key = head.startsWith('k') ? 'k' : '_'
        return `${open}${head} | some ${key}, ${variable} in ${this.#collection(scope)}${close}`
      }
      case 9: {
        const functions = this.#kinds.flatMap((rule, index) => (rule === 'function' ? [`r${index}`] : []))
        const [first, ...rest] = functions
        return first === undefined ? inner() : `${this.#one([first, ...rest])}(${inner()})`
      }
      default:
        return this.#call(inner)
    }
  }

  #call(inner: () => string): string {
    const unary = [
      'count',
      'sum',
      'max',
      'min',
      'sort',
      'lower',
      'upper',
      'abs',
      'round',
      'ceil',
      'floor',
      'type_name',
      'is_string',
      'trim_space',
    ]
    const binary = ['concat', 'startswith', 'endswith', 'contains', 'split', 'indexof', 'array.concat', 'trim_prefix']
    const more = ['object.union', 'union_of', 'and_of', 'substring', 'replace', 'object.get', 'sprintf', 'json.marshal']
    const name = this.#one([...(unary as [string, ...string[]]), ...binary, ...more])
    if (name === 'union_of') return `(${inner()} | ${inner()})`
    if (name === 'and_of') return `(${inner()} & ${inner()})`
    if (name === 'sprintf') return `sprintf("%v %d", [${inner()}, ${inner()}])`
    if (name === 'substring') return `substring(${inner()}, 1, ${this.#one(['-1', '1', '5'])})`
    if (name === 'replace') return `replace(${inner()}, ${this.#one(words)}, ${this.#one(words)})`
    if (name === 'object.get') return `object.get(${inner()}, ${inner()}, ${inner()})`
    if (unary.includes(name) || name === 'json.marshal') return `${name}(${inner()})`
    return `${name}(${inner()}, ${inner()})`
  }
}
