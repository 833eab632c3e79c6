// `# METADATA` blocks: comment lines that are YAML, and the statement they speak of.
import { parseDocument, type YAMLParseError } from 'yaml'
import { nestsTooDeep } from '../yaml/index.ts'
import { type FieldReaders, readAuthor, readRelatedResource, readSchema } from './annotation-fields.ts'
import type { AnnotationScope, Annotations, Comment } from './ast.ts'
import type { Diagnostic, Location } from './diagnostic.ts'

const scopes: ReadonlySet<string> = new Set(['rule', 'document', 'package', 'subpackages'])
const yamlAliasesMax = 20

/** What stands at a row: the package, a rule or an import. */
export interface Anchor {
  readonly row: number
  readonly what: 'package' | 'rule' | 'import'
}

/** A block that was read, before it is known what it speaks of. */
export interface MetadataBlock {
  readonly fields: { readonly [name: string]: unknown }
  readonly schemas: Annotations['schemas']
  readonly location: Location
}

/** A block or the mistake in it. */
type Read<T> = { readonly value: T } | { readonly fault: Diagnostic }

/** All metadata blocks of a text. Mistakes go to the sink. */
export function readBlocks(
  comments: readonly Comment[],
  readers: FieldReaders,
  report: (fault: Diagnostic) => void,
): readonly MetadataBlock[] {
  const found: MetadataBlock[] = []
  for (let index = 0; index < comments.length; index++) {
    const first = comments[index]
    if (first === undefined || !beginsBlock(first)) continue
    const lines: Comment[] = []
    for (let before = first, next = comments[index + 1]; next !== undefined; next = comments[index + 1]) {
      if (next.location.col !== 1 || next.location.row !== before.location.row + 1 || beginsBlock(next)) break
      lines.push(next)
      before = next
      index++
    }
    const read = readBlock(first, lines, readers)
    if ('fault' in read) report(read.fault)
    else found.push(read.value)
  }
  return found
}

function beginsBlock({ text, location }: Comment): boolean {
  return location.col === 1 && text.trim().startsWith('METADATA')
}

function readBlock(first: Comment, lines: readonly Comment[], readers: FieldReaders): Read<MetadataBlock> {
  const location: Location = { ...first.location, end: (lines.at(-1) ?? first).location.end }
  const fail = (message: string, at: Location = location): Read<never> => ({
    fault: {
      code: 'rego_parse_error',
      message,
      location: at,
      help: 'a METADATA block is a YAML mapping, one comment line a line',
    },
  })
  if (lines.every((line) => line.text.trim() === '')) return fail('expected METADATA block, found whitespace')
  const written = lines.map((line) => line.text).join('\n')
  if (nestsTooDeep(written)) return fail('yaml: document nests too deep')
  const document = parseDocument(written)
  const hints = spaceHints(lines)
  // The line that a message speaks of is where people look next.
  const at = (line: number): Location => (lines[Math.min(line, lines.length - 1)] ?? first).location
  const [error] = document.errors
  if (error !== undefined) {
    const { line, text } = yamlText(error)
    return fail(`yaml: line ${line}: ${text}${hints}`, at(line))
  }
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: yamlAliasesMax })
  } catch {
    return fail('yaml: too many aliases')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const shown = typeof value === 'string' ? ` \`${value.length > 10 ? `${value.slice(0, 7)}...` : value}\`` : ''
    const kind = Array.isArray(value) ? '!!seq' : '!!str'
    return fail(
      `yaml: unmarshal errors:\n  line 1: cannot unmarshal ${kind}${shown} into ast.rawAnnotation${hints}`,
      at(1),
    )
  }
  const fields: { readonly [name: string]: unknown } = Object.fromEntries(Object.entries(value))
  const mistake = fieldMistake(fields)
  if (mistake !== undefined) return fail(mistake)
  const schemas: Annotations['schemas'][number][] = []
  for (const item of listOf(fields['schemas'])) {
    if (typeof item === 'string') {
      const line = lines.findIndex(({ text }) => text.includes(item)) + 1
      const shown = item.length > 10 ? `${item.slice(0, 7)}...` : item
      const what = `line ${line}: cannot unmarshal !!str \`${shown}\` into map[string]interface {}`
      return fail(`yaml: unmarshal errors:\n  ${what}`, at(line))
    }
    const schema = readSchema(item, readers)
    if (typeof schema === 'string') return fail(schema)
    schemas.push(schema)
  }
  return { value: { fields, schemas, location } }
}

function fieldMistake(fields: { readonly [name: string]: unknown }): string | undefined {
  for (const item of listOf(fields['related_resources'])) {
    const read = readRelatedResource(item)
    if (typeof read === 'string') return `invalid related-resource definition ${String(item)}: ${read}`
  }
  for (const item of listOf(fields['authors'])) {
    const read = readAuthor(item)
    if (typeof read === 'string') return `invalid author definition ${String(item)}: ${read}`
  }
  return undefined
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** The error in the words of the YAML reader that OPA has. */
function yamlText({ code, message, linePos }: YAMLParseError): { readonly line: number; readonly text: string } {
  const line = linePos?.[0].line ?? 1
  switch (code) {
    case 'MULTILINE_IMPLICIT_KEY':
      return { line: line + 1, text: 'mapping values are not allowed in this context' }
    case 'MISSING_CHAR':
      return { line, text: "could not find expected ':'" }
    case 'BLOCK_AS_IMPLICIT_KEY':
      return { line: Math.max(1, line - 2), text: 'did not find expected key' }
    default:
      return { line, text: message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? 'not readable' }
  }
}

/** What stands where a space belongs, behind the colons of the lines. */
function spaceHints(lines: readonly Comment[]): string {
  return lines
    .flatMap(({ text, location }) => {
      const wrong: string[] = []
      const parts = text.split(':').slice(1)
      for (const [index, part] of parts.entries()) {
        const first = part.codePointAt(0)
        if (first === undefined && index === parts.length - 1) break
        if (first === 32 || first === 9) break
        wrong.push(`'${escaped(first ?? 0xfffd)}'`)
      }
      if (wrong.length === 0) return []
      const symbols = `symbol(s) [${wrong.join(' ')}]`
      const where = "immediately following a key/value separator ':' is not a legal yaml space character"
      return [`\n  Hint: on line ${location.row}, ${symbols} ${where}`]
    })
    .join('')
}

function escaped(code: number): string {
  if (code >= 32 && code < 127) return String.fromCodePoint(code)
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
}

/** Finds the statement that each block speaks of. Mistakes go to the sink. */
export function attachBlocks(
  blocks: readonly MetadataBlock[],
  anchors: readonly Anchor[],
  report: (fault: Diagnostic) => void,
): readonly { readonly annotations: Annotations; readonly anchor: Anchor }[] {
  const found: { annotations: Annotations; anchor: Anchor }[] = []
  // Both are in the order of the text.
  let at = 0
  for (const block of blocks) {
    while ((anchors[at]?.row ?? Number.POSITIVE_INFINITY) <= block.location.row) at++
    const anchor = anchors[at]
    const fail = (message: string, help: string): void =>
      report({ code: 'rego_parse_error', message, location: block.location, help })
    const entrypoint = block.fields['entrypoint'] === true
    const written = block.fields['scope']
    const implied = anchor?.what === 'rule' ? (entrypoint ? 'document' : 'rule') : (anchor?.what ?? '')
    const scope = written === undefined || written === '' ? implied : String(written)
    const known = isScope(scope)
    if (!known)
      fail(
        `invalid annotation scope '${scope}'. Use one of 'rule', 'document', 'package', or 'subpackages'`,
        'move the block above a rule or the package',
      )
    const wanted = scope === 'package' || scope === 'subpackages' ? 'package' : 'rule'
    if (known && wanted !== anchor?.what)
      fail(
        `annotation scope '${scope}' must be applied to ${wanted}${anchor === undefined ? '' : ` (have ${anchor.what})`}`,
        `move the block above a ${wanted}`,
      )
    if (entrypoint && scope !== 'document' && scope !== 'package')
      fail(
        `annotation entrypoint applied to non-document or package scope '${scope}'`,
        'leave the scope out, or write `scope: document`',
      )
    if (known && anchor !== undefined) found.push({ annotations: annotationsOf(block, scope, entrypoint), anchor })
  }
  return found
}

function isScope(scope: string): scope is AnnotationScope {
  return scopes.has(scope)
}

function annotationsOf(block: MetadataBlock, scope: AnnotationScope, entrypoint: boolean): Annotations {
  const { fields, schemas, location } = block
  const { title, description } = fields
  return {
    scope,
    ...(typeof title === 'string' ? { title } : {}),
    ...(typeof description === 'string' ? { description } : {}),
    entrypoint,
    schemas,
    fields,
    location,
  }
}
