// Runs a parsed template of Go's text/template on values as Go would have them from JSON: numbers are texts that compare
// with nothing but each other, a missing key is nothing.
import type { BuiltinContext } from '../contract.ts'
import { call } from './functions.ts'
import { type Block, type Node, type Operand, type Pipe, type Template, templateError } from './parse.ts'
import { type GoValue, int, isNum, isTrue, shown } from './values.ts'

const outputMax = 4 * 1024 * 1024
const depthMax = 100
const stepsPerUnit = 16

interface Variable {
  readonly name: string
  value: GoValue
}

class Interrupt extends Error {
  readonly what: 'break' | 'continue'
  constructor(what: 'break' | 'continue') {
    super(what)
    this.what = what
  }
}

/** The text of a template. Throws BuiltinError. */
export function runTemplate(template: Template, data: GoValue, context: BuiltinContext): string {
  const runner = new Runner(template, context)
  runner.list(template.nodes, data, [{ name: '$', value: data }], 0)
  return runner.out.join('')
}

class Runner {
  readonly out: string[] = []
  readonly #template: Template
  readonly #context: BuiltinContext
  #length = 0
  #steps = 0

  constructor(template: Template, context: BuiltinContext) {
    this.#template = template
    this.#context = context
  }

  list(nodes: readonly Node[], dot: GoValue, variables: Variable[], depth: number): void {
    if (depth > depthMax) throw templateError('1: exceeded maximum template depth')
    const known = variables.length
    for (const node of nodes) this.#node(node, dot, variables, depth)
    variables.length = known
  }

  #node(node: Node, dot: GoValue, variables: Variable[], depth: number): void {
    if (++this.#steps % stepsPerUnit === 0) this.#context.spend(1)
    switch (node.kind) {
      case 'text':
        this.#write(node.text)
        return
      case 'action': {
        const value = this.#pipe(node.pipe, dot, variables)
        if (node.pipe.variables.length === 0)
          this.#write(value === undefined || value === null ? '<undefined>' : shown(value))
        return
      }
      case 'if':
      case 'with': {
        const known = variables.length
        const value = this.#pipe(node.pipe, dot, variables)
        if (isTrue(value)) this.list(node.body, node.kind === 'with' ? value : dot, variables, depth + 1)
        else this.list(node.otherwise, dot, variables, depth + 1)
        variables.length = known
        return
      }
      case 'range':
        this.#range(node, dot, variables, depth)
        return
      case 'template': {
        const body = this.#template.named.get(node.name)
        if (body === undefined) throw templateError(`1: template ${JSON.stringify(node.name)} not defined`)
        const value = node.pipe === undefined ? null : this.#pipe(node.pipe, dot, variables)
        this.list(body, value, [{ name: '$', value }], depth + 1)
        return
      }
      case 'break':
      case 'continue':
        throw new Interrupt(node.kind)
    }
  }

  #range(node: Block, dot: GoValue, variables: Variable[], depth: number): void {
    const { pipe, body, otherwise } = node
    const known = variables.length
    const value = this.#pipe({ ...pipe, variables: [] }, dot, variables)
    const entries = entriesOf(value)
    if (entries.length === 0) this.list(otherwise, dot, variables, depth + 1)
    for (const [key, item] of entries) {
      const [first, second] = pipe.variables
      const given: readonly (readonly [string, GoValue])[] =
        second !== undefined && first !== undefined
          ? [
              [first, key],
              [second, item],
            ]
          : first !== undefined
            ? [[first, item]]
            : []
      for (const [name, one] of given) {
        if (pipe.declares) variables.push({ name, value: one })
        else this.#set(name, one, variables)
      }
      try {
        this.list(body, item, variables, depth + 1)
      } catch (error) {
        if (!(error instanceof Interrupt)) throw error
        if (error.what === 'break') break
      } finally {
        variables.length = known
      }
    }
  }

  #pipe({ variables: names, declares, commands }: Pipe, dot: GoValue, variables: Variable[]): GoValue {
    let value: GoValue
    commands.forEach((command, at) => {
      value = this.#command(command, dot, variables, at > 0 ? [value] : [])
    })
    for (const name of names) {
      if (declares) variables.push({ name, value })
      else this.#set(name, value, variables)
    }
    return value
  }

  #set(name: string, value: GoValue, variables: readonly Variable[]): void {
    const found = variables.findLast((one) => one.name === name)
    if (found === undefined) throw templateError(`1: undefined variable ${JSON.stringify(name)}`)
    found.value = value
  }

  #command(command: readonly Operand[], dot: GoValue, variables: Variable[], piped: readonly GoValue[]): GoValue {
    const [first, ...rest] = command
    if (first === undefined) throw templateError('1: missing value for command')
    if (first.kind === 'function') {
      // `and` and `or` look at no more than they need.
      if (first.name === 'and' || first.name === 'or') {
        let value: GoValue
        for (const one of rest) {
          value = this.#operand(one, dot, variables)
          if (isTrue(value) === (first.name === 'or')) return value
        }
        return piped.length > 0 ? piped[0] : value
      }
      return call(first.name, [...rest.map((one) => this.#operand(one, dot, variables)), ...piped])
    }
    if (first.kind === 'nil') throw templateError('1: nil is not a command')
    if (rest.length > 0 || piped.length > 0) throw templateError(`1: can't give argument to non-function`)
    return this.#operand(first, dot, variables)
  }

  #operand(operand: Operand, dot: GoValue, variables: Variable[]): GoValue {
    switch (operand.kind) {
      case 'dot':
        return dot
      case 'nil':
        return null
      case 'constant':
        return operand.value
      case 'function':
        return call(operand.name, [])
      case 'field':
        return fieldsOf(dot, operand.fields)
      case 'variable': {
        const found = variables.findLast(({ name }) => name === operand.name)
        if (found === undefined) throw templateError(`1: undefined variable ${JSON.stringify(operand.name)}`)
        return fieldsOf(found.value, operand.fields)
      }
      case 'pipe':
        return fieldsOf(this.#pipe(operand.pipe, dot, variables), operand.fields)
    }
  }

  #write(text: string): void {
    this.#length += text.length
    if (this.#length > outputMax) throw templateError('1: the result is too long')
    this.out.push(text)
  }
}

function fieldsOf(value: GoValue, fields: readonly string[]): GoValue {
  let found = value
  for (const field of fields) {
    // Below what is not there is nothing either; below null is a mistake.
    if (found === undefined) return undefined
    if (found === null) throw templateError(`1: nil pointer evaluating interface {}.${field}`)
    if (!(found instanceof Map)) throw templateError(`1: can't evaluate field ${field} in type interface {}`)
    found = found.get(field)
  }
  return found
}

function entriesOf(value: GoValue): readonly (readonly [GoValue, GoValue])[] {
  if (value === null || value === undefined) return []
  if (Array.isArray(value)) return value.map((item: GoValue, at) => [int(at), item])
  if (value instanceof Map) return [...value].sort(([a], [b]) => (a < b ? -1 : 1))
  if (isNum(value) && !value.float) {
    if (value.number > 1_000_000) throw templateError('1: range over too much')
    return Array.from({ length: Math.max(0, value.number) }, (_, at) => [int(at), int(at)])
  }
  throw templateError(`1: range can't iterate over ${shown(value)}`)
}
