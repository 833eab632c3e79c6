// `sallyport policy parse`: the syntax tree of a module, as `opa parse` prints it.
import { readFileSync } from 'node:fs'
import { type Annotations, type Module, moduleJson, parseModule } from '../../rego/syntax/index.ts'
import { unreachable } from '../../rego/unreachable.ts'
import { isArray, isObject, type RegoObject, type Value, valueFromData, writeJson } from '../../rego/value/index.ts'
import { report } from './check.ts'
import { annotationJson } from './inspecting/annotation-json.ts'
import { readOptions, regoVersionFlags, regoVersionOf, UsageError } from './options.ts'
import { SourceError } from './sources.ts'

/** Runs `parse`. Exit 1 when the text is no module. */
export async function parse(args: readonly string[]): Promise<number> {
  const { values, paths } = readOptions(args, { format: { type: 'string', short: 'f' }, ...regoVersionFlags })
  const [path, ...more] = paths
  if (path === undefined || more.length > 0) throw new UsageError('name exactly one Rego file')
  const format = values['format'] ?? 'pretty'
  if (format !== 'pretty' && format !== 'json')
    throw new UsageError(`there is no output format \`${String(format)}\`: pretty, json`)
  const text = textOf(path)
  const { module, diagnostics } = parseModule(text, { file: path, regoVersion: regoVersionOf(values) })
  if (module === undefined) {
    process.stderr.write(report(diagnostics, new Map([[path, text]]), format))
    return 1
  }
  const tree = annotated(moduleJson(module), module)
  process.stdout.write(
    format === 'json' ? `${writeJson(tree, { indent: '  ' })}\n` : `${prettyModule(tree).join('\n')}\n`,
  )
  return 0
}

/** The tree with the metadata of the module and of its rules. */
function annotated(tree: RegoObject, module: Module): RegoObject {
  const list = (all: readonly Annotations[]): Value => valueFromData(all.map(annotationJson))
  const rules = objects(tree.get('rules')).map((one, index) => {
    const found = module.rules[index]?.annotations ?? []
    const copy = one.copy()
    if (found.length > 0) copy.insert('annotations', list(found))
    return copy
  })
  const copy = tree.copy()
  if (rules.length > 0) copy.insert('rules', rules)
  if (module.annotations.length > 0) copy.insert('annotations', list(module.annotations))
  return copy
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    throw new SourceError(`the policy \`${path}\` cannot be read`)
  }
}

/** Lines of a node: its name, then its parts, each one step further in. */
type Lines = readonly string[]

function node(name: string, ...parts: readonly Lines[]): Lines {
  return [name, ...parts.flat().map((line) => ` ${line}`)]
}

function prettyModule(tree: RegoObject): Lines {
  const steps = objects(fieldOf(tree, 'package')?.get('path')).map(term)
  return node(
    'module',
    node('package', node('ref', ...steps)),
    ...objects(tree.get('imports')).map((one) => node('import', term(one.get('path')), [textField(one, 'alias')])),
    ...objects(tree.get('rules')).map(rule),
    ...objects(tree.get('annotations')).map((): Lines => ['annotations']),
    ...objects(tree.get('comments')).map((): Lines => ['comment']),
  )
}

function rule(one: RegoObject): Lines {
  const head = fieldOf(one, 'head')
  const args = objects(head?.get('args'))
  const value = head?.get('value')
  const other = fieldOf(one, 'else')
  return node(
    'rule',
    node(
      'head',
      node('ref', ...objects(head?.get('ref')).map(term)),
      args.length === 0 ? [] : node('args', ...args.map(term)),
      value === undefined ? [] : term(value),
    ),
    body(one.get('body')),
    other === undefined ? [] : rule(other),
  )
}

function body(list: Value | undefined): Lines {
  return node('body', ...objects(list).map(expression))
}

function expression(one: RegoObject): Lines {
  const negated = one.get('negated') === true ? ' negated' : ''
  const terms = one.get('terms')
  const modifiers = objects(one.get('with')).map((each) =>
    node('with', term(each.get('target')), term(each.get('value'))),
  )
  return node(`expr${negated} index=${shown(one.get('index'))}`, ...termsOf(terms), ...modifiers)
}

/** The parts of an expression: the operator and operands of a call, a term, or what `some` and `every` declare. */
function termsOf(terms: Value | undefined): readonly Lines[] {
  if (isArray(terms)) return objects(terms).map(term)
  if (!isObject(terms)) return []
  if (terms.has('symbols')) return [node('somedecl', ...objects(terms.get('symbols')).map(term))]
  if (!terms.has('domain')) return [term(terms)]
  const key = fieldOf(terms, 'key')
  return [
    node(
      'every',
      key === undefined ? [] : term(key),
      term(terms.get('value')),
      term(terms.get('domain')),
      body(terms.get('body')),
    ),
  ]
}

/** Kinds of terms in the JSON form. */
const kinds = [
  'var',
  'ref',
  'call',
  'array',
  'set',
  'object',
  'arraycomprehension',
  'setcomprehension',
  'objectcomprehension',
  'templatestring',
] as const

function term(found: Value | undefined): Lines {
  if (!isObject(found)) return []
  const value = found.get('value')
  const kind = kinds.find((one) => one === found.get('type'))
  if (kind === undefined) return [value === undefined || found.get('type') === 'null' ? 'null' : writeJson(value)]
  switch (kind) {
    case 'var':
      return [typeof value === 'string' && !value.startsWith('$') ? value : '_']
    case 'ref':
    case 'call':
    case 'array':
    case 'set':
      return node(kind, ...objects(value).map(term))
    case 'object':
      return node(kind, ...lists(value).flatMap((pair) => objects(pair).map(term)))
    case 'arraycomprehension':
    case 'setcomprehension':
    case 'objectcomprehension':
      return isObject(value)
        ? node(kind, ...['key', 'value', 'term'].map((name) => term(value.get(name))), body(value.get('body')))
        : []
    case 'templatestring':
      return [kind]
    default:
      return unreachable(kind)
  }
}

function lists(value: Value | undefined): readonly Value[] {
  return isArray(value) ? value : []
}

function objects(value: Value | undefined): readonly RegoObject[] {
  return lists(value).filter(isObject)
}

function fieldOf(object: RegoObject | undefined, name: string): RegoObject | undefined {
  const value = object?.get(name)
  return isObject(value) ? value : undefined
}

function textField(object: RegoObject, name: string): string {
  const value = object.get(name)
  return typeof value === 'string' ? value : ''
}

function shown(value: Value | undefined): string {
  return value === undefined ? '' : writeJson(value)
}
