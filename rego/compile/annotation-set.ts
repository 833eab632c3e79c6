// The metadata of all modules by what it speaks of: rules, documents, packages, and packages with all below them.
import { type Annotations, type Module, type Rule, readAuthor, readRelatedResource } from '../syntax/index.ts'
import type { Compilation } from './context.ts'
import { constantName } from './tree.ts'

/** One link of the chain from a rule outwards. */
export interface AnnotationLink {
  readonly path: readonly string[]
  readonly annotations: Annotations | undefined
}

/** Metadata, found by rule and by path. */
export class AnnotationSet {
  /** Whether there is any metadata. */
  readonly any: boolean
  readonly #documents = new Map<string, Annotations>()
  readonly #packages = new Map<string, Annotations>()
  readonly #subpackages = new Map<string, Annotations>()

  constructor(modules: readonly Module[], compilation: Compilation) {
    this.any = modules.some(({ annotations }) => annotations.length > 0)
    for (const module of modules) {
      if (module.annotations.length === 0) continue
      const ofRules = new Map(module.rules.flatMap((rule) => rule.annotations.map((one) => [one, rule] as const)))
      for (const one of module.annotations) {
        const rule = ofRules.get(one)
        const path = [...module.package.path, ...(rule === undefined ? [] : constantName(rule))]
        const all = this.#of(one)
        const other = all?.get(keyOf(path))
        if (other !== undefined)
          compilation.report(
            'rego_type_error',
            `${one.scope} annotation redeclared: ${other.location.file}:${other.location.row}`,
            one.location,
            'keep one of the two blocks',
          )
        else all?.set(keyOf(path), one)
      }
    }
  }

  #of({ scope }: Annotations): Map<string, Annotations> | undefined {
    switch (scope) {
      case 'document':
        return this.#documents
      case 'package':
        return this.#packages
      case 'subpackages':
        return this.#subpackages
      case 'rule':
        return undefined
    }
  }

  /** The metadata of a rule alone, the nearest block first. */
  ofRule(rule: Rule): readonly Annotations[] {
    return rule.annotations.filter(({ scope }) => scope === 'rule').reverse()
  }

  /** What holds for a document, whichever rules make it. */
  ofDocument(path: readonly string[]): Annotations | undefined {
    return this.#documents.get(keyOf(path))
  }

  /** What holds for a package. */
  ofPackage(path: readonly string[]): Annotations | undefined {
    return this.#packages.get(keyOf(path))
  }

  /** What holds for a package from those above it, the outermost first. */
  above(path: readonly string[]): readonly AnnotationLink[] {
    return Array.from({ length: path.length + 1 }, (_, length) => path.slice(0, length)).flatMap((one) => {
      const annotations = this.#subpackages.get(keyOf(one))
      return annotations === undefined ? [] : [{ path: one, annotations }]
    })
  }

  /** All that holds for a rule, from the rule outwards. */
  chain(rule: Rule, packagePath: readonly string[]): readonly AnnotationLink[] {
    const path = [...packagePath, ...constantName(rule)]
    const own = this.ofRule(rule)
    const links: AnnotationLink[] = own.map((annotations) => ({ path, annotations }))
    if (links.length === 0) links.push({ path, annotations: undefined })
    const document = this.ofDocument(path)
    if (document !== undefined) links.push({ path, annotations: document })
    const ofPackage = this.ofPackage(packagePath)
    if (ofPackage !== undefined) links.push({ path: packagePath, annotations: ofPackage })
    return [...links, ...[...this.above(packagePath)].reverse()]
  }
}

function keyOf(path: readonly string[]): string {
  return JSON.stringify(path)
}

/** The block as policies see it, with its authors and resources in their full form. */
export function annotationFields(annotations: Annotations): { readonly [name: string]: unknown } {
  const { fields, scope, entrypoint } = annotations
  const list = (name: string): readonly unknown[] => {
    const value = fields[name]
    return Array.isArray(value) ? value : []
  }
  const filled = (value: object): object => Object.fromEntries(Object.entries(value).filter(([, one]) => one !== ''))
  const found: { [name: string]: unknown } = { scope }
  for (const name of ['title', 'description']) if (typeof fields[name] === 'string') found[name] = fields[name]
  if (entrypoint) found['entrypoint'] = true
  if (list('organizations').length > 0) found['organizations'] = list('organizations')
  if (list('related_resources').length > 0)
    found['related_resources'] = list('related_resources').map((one) => filled(Object(readRelatedResource(one))))
  if (list('authors').length > 0) found['authors'] = list('authors').map((one) => filled(Object(readAuthor(one))))
  if (annotations.schemas.length > 0) found['schemas'] = annotations.schemas.map(schemaFields)
  for (const name of ['custom', 'labels']) {
    const value = fields[name]
    if (typeof value === 'object' && value !== null && Object.keys(value).length > 0) found[name] = value
  }
  return found
}

function schemaFields({ path, schema, definition }: Annotations['schemas'][number]): object {
  return {
    path: path.split('.'),
    ...(schema === undefined ? {} : { schema: schema.split('.') }),
    ...(definition === undefined ? {} : { definition }),
  }
}
