// `# METADATA` blocks: comment lines that are YAML, and the statement they speak of.
import { parseDocument } from 'yaml'
import type { AnnotationScope, Annotations, Comment } from './ast.ts'
import type { Location, Sink } from './diagnostic.ts'

const scopes: ReadonlySet<string> = new Set(['rule', 'document', 'package', 'subpackages'])
const yamlAliasesMax = 20

/** What stands at a row: the package, or a rule. */
export interface Anchor {
  readonly row: number
  readonly what: 'package' | 'rule' | 'import'
}

/** All metadata blocks of a module, each with the anchor it belongs to. Mistakes go to the sink. */
export function readAnnotations(
  comments: readonly Comment[],
  anchors: readonly Anchor[],
  sink: Sink,
): readonly { readonly annotations: Annotations; readonly anchor: Anchor }[] {
  const found: { annotations: Annotations; anchor: Anchor }[] = []
  for (let index = 0; index < comments.length; index++) {
    const first = comments[index]
    if (first === undefined || first.text.trim() !== 'METADATA') continue
    const lines: Comment[] = []
    for (
      let row = first.location.row + 1;
      comments[index + 1]?.location.row === row && comments[index + 1]?.text.trim() !== 'METADATA';
      row++
    ) {
      const line = comments[++index]
      if (line !== undefined) lines.push(line)
    }
    const endRow = (lines.at(-1) ?? first).location.row
    const anchor = anchors.find((one) => one.row > endRow)
    const location: Location = { ...first.location, end: (lines.at(-1) ?? first).location.end }
    const fields = parseBlock(lines, location, sink)
    if (fields === undefined) continue
    if (anchor === undefined || anchor.what === 'import') {
      if (anchor !== undefined)
        sink.report({
          code: 'rego_parse_error',
          message: 'annotations must be applied to a package or rule',
          location,
          help: 'move the block above a rule',
        })
      continue
    }
    const annotations = readFields(fields, anchor, location, sink)
    if (annotations !== undefined) found.push({ annotations, anchor })
  }
  return found
}

function parseBlock(
  lines: readonly Comment[],
  location: Location,
  sink: Sink,
): { readonly [name: string]: unknown } | undefined {
  const report = (message: string): undefined => {
    sink.report({
      code: 'rego_parse_error',
      message,
      location,
      help: 'a METADATA block is a YAML mapping, one comment line a line',
    })
    return undefined
  }
  if (lines.length === 0) return report('expected METADATA block, found whitespace')
  const document = parseDocument(lines.map((line) => line.text).join('\n'))
  const [error] = document.errors
  if (error !== undefined) return report(`yaml: ${error.message.split('\n')[0] ?? 'not readable'}`)
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: yamlAliasesMax })
  } catch {
    return report('yaml: too many aliases')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return report('expected METADATA block, found whitespace')
  return Object.fromEntries(Object.entries(value))
}

function readFields(
  fields: { readonly [name: string]: unknown },
  anchor: Anchor,
  location: Location,
  sink: Sink,
): Annotations | undefined {
  const entrypoint = fields['entrypoint'] === true
  const written = fields['scope']
  const fallback: AnnotationScope = anchor.what === 'package' ? 'package' : entrypoint ? 'document' : 'rule'
  if (written !== undefined && (typeof written !== 'string' || !scopes.has(written))) {
    sink.report({
      code: 'rego_parse_error',
      message: `invalid annotation scope '${String(written)}'`,
      location,
      help: 'the scopes are rule, document, package and subpackages',
    })
    return undefined
  }
  const scope = (written as AnnotationScope | undefined) ?? fallback
  const wanted = scope === 'package' || scope === 'subpackages' ? 'package' : 'rule'
  if (wanted !== anchor.what) {
    sink.report({
      code: 'rego_parse_error',
      message: `annotation scope '${scope}' must be applied to ${wanted} (have ${anchor.what})`,
      location,
      help: `move the block above a ${wanted}`,
    })
    return undefined
  }
  const { title, description } = fields
  return {
    scope,
    ...(typeof title === 'string' ? { title } : {}),
    ...(typeof description === 'string' ? { description } : {}),
    entrypoint,
    schemas: readSchemas(fields['schemas']),
    fields,
    location,
  }
}

/** `schemas: [- input: schema.name]`, or a mapping with the schema itself as the value. */
function readSchemas(value: unknown): Annotations['schemas'] {
  if (!Array.isArray(value)) return []
  return value.flatMap((item: unknown) => {
    if (typeof item !== 'object' || item === null) return []
    return Object.entries(item).map(([path, schema]: [string, unknown]) =>
      typeof schema === 'string' ? { path, schema } : { path, definition: schema },
    )
  })
}
