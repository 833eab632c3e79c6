// Modules, as they are written: the package, imports sorted in their groups, rules with a blank line between.
import type { Import, Module, Rule } from '../ast.ts'
import { nowhere, operatorName, refTerm, stringTerm, varTerm } from '../ast.ts'
import { bodyWriters } from './body.ts'
import { CommentClash, Layout, type Style } from './layout.ts'
import { isKeyword, isName } from './names.ts'
import { isOneLiner, writeRule } from './rule.ts'
import { writeTerm } from './term.ts'

/** How a module is printed. */
export interface PrintOptions {
  /**
   * What the text is written for: `same` keeps the language it was read in, `v1` gives today's language, and `both` gives
   * text that v0 and v1 read alike, by `import rego.v1`.
   */
  readonly target?: 'same' | 'v1' | 'both'
  /** Whether imports that v1 does not need are dropped. */
  readonly dropImports?: boolean
  /** False to put keywords in references into brackets, for readers that need it. */
  readonly keywordsInRefs?: boolean
}

/** Prints a module in its canonical form. */
export function printModule(module: Module, options: PrintOptions = {}): string {
  const imports = adjustImports(module, options)
  const page = new Layout(module.source, module.comments, styleOf(module, options.target, options))
  writePackage(page, module)
  const statements = [...imports, ...module.rules]
    .map((node, index) => ({ node, index }))
    .sort((a, b) => a.node.location.offset - b.node.location.offset || a.index - b.index)
    .map(({ node }) => node)
  let at = 0
  while (at < statements.length) {
    const group: Import[] = []
    for (let node = statements[at]; node !== undefined && !('kind' in node); node = statements[++at]) group.push(node)
    writeImports(page, group)
    const rules: Rule[] = []
    for (let node = statements[at]; node !== undefined && 'kind' in node; node = statements[++at]) rules.push(node)
    writeRules(page, rules)
  }
  page.commentsToEnd()
  return page.text()
}

function styleOf(module: Module, target: PrintOptions['target'], options: PrintOptions): Style {
  const features = module.imports.map(featureOf)
  const modern = isModern(module, target)
  const all = modern || features.includes('future.keywords')
  return {
    ifs: all || features.includes('future.keywords.if'),
    contains: all || features.includes('future.keywords.contains'),
    assign: modern,
    refHeads: module.rules.some(
      ({ head: { ref, key } }) => ref.kind === 'ref' && (ref.path.length > 1 || key !== undefined),
    ),
    keywordsInRefs: options.keywordsInRefs !== false,
    extraKeywords: ['and', 'or'].filter((word) => features.includes(`future.keywords.${word}`)),
  }
}

/** True when the text is written in v1's spelling. */
function isModern(module: Module, target: PrintOptions['target']): boolean {
  return target === 'v1' || target === 'both' || module.regoVersion === 1
}

function writePackage(page: Layout, module: Module): void {
  const { path, location } = module.package
  page.commentsTo(location.row)
  page.write('package ')
  const text = page.textOf(module.package)
  path.forEach((part, index) => {
    const quoted = `[${JSON.stringify(part)}]`
    const plainKeyword = page.style.keywordsInRefs && !text.includes(quoted)
    const plain = isName(part) && (index === 0 || !isKeyword(part) || plainKeyword)
    if (!plain) page.write(quoted)
    else page.write(index === 0 ? part : `.${part}`)
  })
  page.blankLine()
}

function writeImports(page: Layout, imports: readonly Import[]): void {
  for (const group of groupsOf(imports)) {
    const [first] = group
    if (first === undefined) continue
    // Comments between imports of one group stand above the group; the one beside an import stays with it.
    const lines = group.map((one) => {
      const keywordsInRefs = page.style.keywordsInRefs || featureOf(one) !== undefined
      const text = page.apart({ ...page.style, keywordsInRefs })
      text.write('import ')
      writeTerm(text, one.path, bodyWriters)
      if (one.alias !== undefined) text.write(` as ${one.alias}`)
      return { one, text: text.text().trimEnd() }
    })
    const beside = new Map<Import, string>()
    for (const { one } of lines) {
      try {
        page.commentsTo(one.location.row)
      } catch (error) {
        if (!(error instanceof CommentClash)) throw error
      }
      const comment = page.takeEnding()
      if (comment !== undefined) beside.set(one, comment)
    }
    for (const { one, text } of lines.sort((a, b) => compareImports(a, b))) {
      const comment = beside.get(one)
      page.write(comment === undefined ? text : `${text} ${comment}`)
      page.endLine()
    }
    page.blankLine()
  }
}

function compareImports(
  a: { readonly one: Import; readonly text: string },
  b: { readonly one: Import; readonly text: string },
): number {
  const left = pathOf(a.one)
  const right = pathOf(b.one)
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const x = left[at]
    const y = right[at]
    if (x === undefined) return -1
    if (y === undefined) return 1
    if (x !== y) return x < y ? -1 : 1
  }
  const [x, y] = [a.one.alias ?? '', b.one.alias ?? '']
  return x < y ? -1 : x > y ? 1 : 0
}

function pathOf(one: Import): readonly string[] {
  const name = operatorName(one.path)
  if (one.path.kind === 'var') return [one.path.name]
  return one.path.head.kind === 'var' && name !== undefined
    ? [one.path.head.name, ...one.path.path.map((step) => (step.kind === 'string' ? step.value : ''))]
    : []
}

function groupsOf(imports: readonly Import[]): readonly Import[][] {
  const groups: Import[][] = []
  let row = 0
  for (const one of imports) {
    const last = groups.at(-1)
    if (last === undefined || one.location.row - row > 1) groups.push([one])
    else last.push(one)
    row = one.location.row
  }
  return groups
}

function writeRules(page: Layout, rules: readonly Rule[]): void {
  rules.forEach((rule, index) => {
    writeRule(page, rule)
    const next = rules[index + 1]
    const together =
      next !== undefined &&
      next.location.row === rule.location.row + 1 &&
      page.endRow(rule.location) === rule.location.row &&
      isOneLiner(page, rule) &&
      isOneLiner(page, next)
    if (!together) page.blankLine()
  })
}

/** The name of an import that switches a language feature on. */
function featureOf(one: Import): string | undefined {
  const path = pathOf(one)
  return path[0] === 'rego' || path[0] === 'future' ? path.join('.') : undefined
}

const inV1: ReadonlySet<string> = new Set([
  'future.keywords',
  ...['in', 'every', 'contains', 'if'].map((word) => `future.keywords.${word}`),
])

/** The imports that the target needs: what v1 has anyway goes, and `rego.v1` comes where v0 must read the text too. */
function adjustImports(module: Module, options: PrintOptions): readonly Import[] {
  if (!isModern(module, options.target)) return module.imports
  const both = options.target === 'both'
  const hasV1 = both || module.imports.some((one) => featureOf(one) === 'rego.v1')
  const kept = module.imports.filter((one) => {
    const feature = featureOf(one)
    if (feature === 'rego.v1') return both || options.dropImports !== true
    return feature === undefined || !inV1.has(feature) || !(hasV1 || options.dropImports === true)
  })
  if (!both || kept.some((one) => featureOf(one) === 'rego.v1')) return kept
  const { location } = module.package
  const path = refTerm(varTerm('rego', location), [stringTerm('v1', nowhere)], { ...location, end: location.offset })
  if (path.kind !== 'ref') throw new TypeError('a reference with a step is a reference')
  return [{ path, location: { ...location, offset: location.end } }, ...kept]
}
