// Fields of `input` that policies read and the action document does not have: a typo that would silently never match.
import { nearest, type Visitor, visitBody, visitTerm } from '../../rego/compile/index.ts'
import type { Diagnostic, Module, Term } from '../../rego/syntax/index.ts'
import { fieldsOf, readActionSchema, resolveSchema, type Schema } from './action-schema.ts'
import { withReviewer } from './reviewer-schema.ts'

/** Mistakes in packages below `data.policy`, which are the ones that see action documents. */
export function inputMistakes(modules: readonly Module[]): readonly Diagnostic[] {
  const published = readActionSchema()
  if (published === undefined) return []
  const root = withReviewer(published)
  const found: Diagnostic[] = []
  for (const module of modules) {
    if (module.package.path[0] !== 'policy' || module.package.path.some((part) => part.endsWith('_test'))) continue
    const visitor: Visitor = {
      term: (term) => {
        const mistake = mistakeIn(term, root)
        if (mistake !== undefined) found.push(mistake)
        return false
      },
    }
    for (const rule of module.rules) {
      for (let one: typeof rule | undefined = rule; one !== undefined; one = one.else) {
        visitBody(one.body, visitor)
        for (const part of [one.head.key, one.head.value]) if (part !== undefined) visitTerm(part, visitor)
      }
    }
  }
  return found
}

function mistakeIn(term: Term, root: Schema): Diagnostic | undefined {
  if (term.kind !== 'ref' || term.head.kind !== 'var' || term.head.name !== 'input') return undefined
  let at: Schema = resolveSchema(root, root)
  let path = 'input'
  for (const step of term.path) {
    if (at['type'] === 'array') {
      at = resolveSchema(fieldsOf(at['items']), root)
      path += '[_]'
      continue
    }
    const properties = fieldsOf(at['properties'])
    if (Object.keys(properties).length === 0 || at['additionalProperties'] !== false || step.kind !== 'string')
      return undefined
    const next = properties[step.value]
    if (next === undefined) {
      const near = nearest(step.value, Object.keys(properties))
      return {
        code: 'rego_type_error',
        message: `undefined ref: ${path}.${step.value}`,
        location: step.location,
        details: [
          `have: ${JSON.stringify(step.value)}`,
          `want (one of): ${JSON.stringify(Object.keys(properties).sort())}`,
        ],
        help: near === undefined ? `\`${path}\` has no field \`${step.value}\`` : `did you mean \`${near}\`?`,
      }
    }
    at = resolveSchema(fieldsOf(next), root)
    path += `.${step.value}`
  }
  return undefined
}
