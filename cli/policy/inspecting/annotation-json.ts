// A metadata block in the JSON that `opa inspect` and `opa parse` print: references as lists of their steps.
import { annotationFields } from '../../../rego/compile/index.ts'
import { type Annotations, parseTerm, type Term } from '../../../rego/syntax/index.ts'

/** One step of a reference. */
export interface Step {
  readonly type: 'var' | 'string'
  readonly value: string
}

/** The fields of a block. */
export function annotationJson(annotations: Annotations): { readonly [field: string]: unknown } {
  const compiled = compileJson(annotations.fields['compile'])
  const fields = { ...annotationFields(annotations), ...(compiled === undefined ? {} : { compile: compiled }) }
  if (annotations.schemas.length === 0) return fields
  const schemas = annotations.schemas.map(({ path, schema, definition }) => ({
    path: stepsOf(path),
    ...(schema === undefined ? {} : { schema: stepsOf(schema) }),
    ...(definition === undefined ? {} : { definition }),
  }))
  return { ...fields, schemas }
}

/** What partial evaluation takes for unknown and masks by; OPA shows it, and no rule sees it. */
function compileJson(field: unknown): object | undefined {
  if (typeof field !== 'object' || field === null || Array.isArray(field)) return undefined
  const { unknowns, mask_rule: mask }: { readonly unknowns?: unknown; readonly mask_rule?: unknown } = field
  const paths = Array.isArray(unknowns) ? unknowns.map((one) => stepsOf(String(one))) : []
  if (paths.length === 0 && typeof mask !== 'string') return undefined
  return {
    ...(paths.length === 0 ? {} : { unknowns: paths }),
    ...(typeof mask === 'string' ? { mask_rule: stepsOf(mask) } : {}),
  }
}

function stepsOf(text: string): readonly Step[] {
  const { term } = parseTerm(text, { file: '' })
  if (term === undefined) return []
  return (term.kind === 'ref' ? [term.head, ...term.path] : [term]).flatMap(stepOf)
}

function stepOf(term: Term): readonly Step[] {
  if (term.kind === 'var') return [{ type: 'var', value: term.name }]
  return term.kind === 'string' ? [{ type: 'string', value: term.value }] : []
}
