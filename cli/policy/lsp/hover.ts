// What the editor shows of a name: a built-in's signature, a rule with its annotations, a field of the action document.
import type { Module, Rule } from '../../../rego/syntax/index.ts'
import { operatorName } from '../../../rego/syntax/index.ts'
import { printModule } from '../../../rego/syntax/printer/index.ts'
import { type Declaration, declarations, type JsonType } from '../../../rego/types/declarations.ts'
import { argumentNamesOf } from '../../../rego/types/index.ts'
import { type Schema, schemaAt, schemaType } from '../action-schema.ts'
import { findAt, pathUpTo } from './nodes.ts'
import { absolutePath, rulesAt } from './symbols.ts'

/** Markdown for the name at an offset; undefined when there is nothing to say. */
export function hoverAt(
  modules: readonly Module[],
  module: Module,
  offset: number,
  schema: Schema | undefined,
): string | undefined {
  const { terms } = findAt(module, offset)
  const refs = terms.filter((one) => one.kind === 'ref' || one.kind === 'var')
  const term = refs.filter((one) => one.kind === 'ref').at(-1) ?? refs.at(-1)
  if (term === undefined || (term.kind !== 'ref' && term.kind !== 'var')) return undefined
  const called = terms.some((one) => one.kind === 'call') || isCall(module, offset)
  const name = operatorName(term)
  const declaration = name === undefined || !called ? undefined : declarations.get(name)
  if (declaration !== undefined) return signature(declaration)
  const path = absolutePath(module, pathUpTo(term, offset))
  if (path[0] === 'input') return schema === undefined ? undefined : inputText(schema, path)
  const rules = rulesAt(modules, path)
  const [first] = rules
  return first === undefined
    ? undefined
    : ruleText(
        rules.map((one) => one.rule),
        first.module,
      )
}

/** True when an opening parenthesis follows the name. */
function isCall(module: Module, offset: number): boolean {
  let at = offset
  while (/[\w.]/.test(module.source[at] ?? '')) at++
  return module.source[at] === '('
}

/** A built-in as it is called, with its types. */
export function signature(declaration: Declaration): string {
  const { name, decl, infix, deprecated, nondeterministic } = declaration
  const names = argumentNamesOf(name)?.args
  const args = (decl.args ?? []).map((type, i) => (names?.[i] ? `${names[i]}: ${typeText(type)}` : typeText(type)))
  if (decl.variadic !== undefined) args.push(`...${typeText(decl.variadic)}`)
  const result = decl.result === undefined ? '' : ` -> ${typeText(decl.result)}`
  const notes = [
    infix === undefined ? '' : `written \`${infix}\``,
    deprecated === true ? 'deprecated' : '',
    nondeterministic === true ? 'may answer otherwise each time' : '',
  ].filter((note) => note !== '')
  return `\`\`\`rego\n${name}(${args.join(', ')})${result}\n\`\`\`${notes.length === 0 ? '' : `\n${notes.join(', ')}`}`
}

function typeText(type: JsonType): string {
  const { of, dynamic, static: items } = type
  const inner = (value: unknown): string => (isType(value) ? typeText(value) : 'any')
  switch (type.type) {
    case 'any':
      return Array.isArray(of) ? of.map(inner).join(' | ') : 'any'
    case 'set':
      return `set[${inner(of)}]`
    case 'array':
      return Array.isArray(items) ? `[${items.map(inner).join(', ')}]` : `array[${inner(dynamic)}]`
    case 'object': {
      if (typeof dynamic !== 'object' || dynamic === null) return 'object'
      const entries = new Map(Object.entries(dynamic))
      return `object[${inner(entries.get('key'))}: ${inner(entries.get('value'))}]`
    }
    default:
      return type.type
  }
}

function isType(value: unknown): value is JsonType {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}

function inputText(root: Schema, path: readonly string[]): string | undefined {
  const schema = schemaAt(root, path.slice(1))
  if (schema === undefined) return undefined
  const { description } = schema
  const text = typeof description === 'string' ? `\n${description}` : ''
  return `\`\`\`rego\n${path.join('.')}: ${schemaType(schema)}\n\`\`\`${text}`
}

const shownRules = 3

function ruleText(rules: readonly Rule[], module: Module): string {
  const title = rules.flatMap((rule) => rule.annotations).flatMap(({ title: one, description }) => [one, description])
  const heads = rules.slice(0, shownRules).map((rule) => {
    const printed = printModule({ ...module, imports: [], rules: [rule], comments: [] })
      .split('\n')
      .slice(2)
    const [head = ''] = printed
    return head.endsWith('{') ? `${head} ... }` : head
  })
  const more = rules.length > shownRules ? `\nand ${rules.length - shownRules} more` : ''
  const path = ['data', ...module.package.path].join('.')
  const words = title.filter((line) => line !== undefined).map((line) => `\n${line}`)
  return `\`\`\`rego\n${heads.join('\n')}\n\`\`\`${more}\nof package \`${path}\`${words.join('')}`
}
