// What may follow what is being typed: fields of the action document behind `input.`, packages and rules behind `data.`,
// names of the package and built-ins elsewhere.
import { type CompletionItem, CompletionItemKind } from 'vscode-languageserver/node.js'
import { constantName } from '../../../rego/compile/index.ts'
import type { Module } from '../../../rego/syntax/index.ts'
import { declarations } from '../../../rego/types/declarations.ts'
import { fieldsAt, type Schema, schemaType } from '../action-schema.ts'
import { signature } from './hover.ts'
import { absolutePath } from './symbols.ts'

const keywords = [
  'allow',
  'contains',
  'default',
  'else',
  'every',
  'if',
  'import',
  'in',
  'not',
  'package',
  'some',
  'with',
]

/** The completions at the end of a text. `module` is the document as it last parsed. */
export function completionsAt(
  before: string,
  module: Module | undefined,
  modules: readonly Module[],
  schema: Schema | undefined,
): readonly CompletionItem[] {
  const path = pathBefore(before)
  if (path === undefined) return []
  const parents = path.slice(0, -1)
  if (parents.length === 0) return [...ownNames(module), ...builtinNames(''), ...keywordItems()]
  const absolute = module === undefined ? parents : absolutePath(module, parents)
  if (absolute[0] === 'input') return schema === undefined ? [] : inputFields(schema, absolute.slice(1))
  if (absolute[0] === 'data') return below(modules, absolute.slice(1))
  return builtinNames(`${parents.join('.')}.`)
}

/** The path that is being typed, its last part perhaps empty; undefined inside comments and strings. */
function pathBefore(before: string): readonly string[] | undefined {
  const line = before.slice(before.lastIndexOf('\n') + 1)
  if (insideText(line)) return undefined
  let at = line.length
  let depth = 0
  while (at > 0) {
    const character = line[at - 1] ?? ''
    if (character === ']') depth++
    else if (character === '[' && depth > 0) depth--
    else if (depth === 0 && !/[\w.]/.test(character)) break
    at--
  }
  const parts: string[] = ['']
  for (let index = at; index < line.length; index++) {
    const character = line[index] ?? ''
    if (character === '.') parts.push('')
    else if (character === '[') {
      const close = line.indexOf(']', index)
      parts.push(line.slice(index + 1, close).replaceAll('"', '') || '_')
      index = close < 0 ? line.length : close
    } else parts[parts.length - 1] += character
  }
  return parts
}

function insideText(line: string): boolean {
  let quote = ''
  for (let at = 0; at < line.length; at++) {
    const character = line[at] ?? ''
    if (quote === '' && character === '#') return true
    if (quote === '"' && character === '\\') at++
    else if (quote === '' && (character === '"' || character === '`')) quote = character
    else if (character === quote) quote = ''
  }
  return quote !== ''
}

function inputFields(root: Schema, path: readonly string[]): readonly CompletionItem[] {
  return fieldsAt(root, path).map(({ name, schema, description }) => ({
    label: name,
    kind: CompletionItemKind.Field,
    detail: schemaType(schema),
    ...(description === undefined ? {} : { documentation: description }),
  }))
}

function below(modules: readonly Module[], path: readonly string[]): readonly CompletionItem[] {
  const found = new Map<string, CompletionItem>()
  for (const module of modules) {
    const full = module.package.path
    if (!path.every((part, index) => part === full[index]) && path.length <= full.length) continue
    const next = full[path.length]
    if (path.length < full.length && next !== undefined)
      found.set(next, { label: next, kind: CompletionItemKind.Module })
    if (path.length !== full.length) continue
    for (const item of rulesOf(module)) found.set(item.label, item)
  }
  return [...found.values()]
}

function rulesOf(module: Module): readonly CompletionItem[] {
  const names = new Map<string, boolean>()
  for (const rule of module.rules) names.set(constantName(rule)[0] ?? '', rule.head.args !== undefined)
  return [...names].map(([label, isFunction]) => ({
    label,
    kind: isFunction ? CompletionItemKind.Function : CompletionItemKind.Variable,
  }))
}

function ownNames(module: Module | undefined): readonly CompletionItem[] {
  const imports = (module?.imports ?? []).flatMap(({ alias, path }): readonly CompletionItem[] => {
    const last = path.kind === 'ref' ? path.path.at(-1) : undefined
    const label = alias ?? (last?.kind === 'string' ? last.value : undefined)
    return label === undefined ? [] : [{ label, kind: CompletionItemKind.Module }]
  })
  const roots = ['input', 'data'].map((label): CompletionItem => ({ label, kind: CompletionItemKind.Module }))
  return [...roots, ...imports, ...(module === undefined ? [] : rulesOf(module))]
}

function builtinNames(prefix: string): readonly CompletionItem[] {
  const found: CompletionItem[] = []
  for (const declaration of declarations.values()) {
    const { name, infix, deprecated } = declaration
    if (!name.startsWith(prefix) || infix !== undefined || deprecated === true || name.startsWith('internal.')) continue
    found.push({
      label: name.slice(prefix.length),
      kind: CompletionItemKind.Function,
      documentation: { kind: 'markdown', value: signature(declaration) },
    })
  }
  return found
}

function keywordItems(): readonly CompletionItem[] {
  return keywords.map((label) => ({ label, kind: CompletionItemKind.Keyword }))
}
