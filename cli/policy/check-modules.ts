// Everything that `check` and the editor look for in a set of modules: what the compiler finds, what v1 does not allow, and
// fields of the input that the action document does not have.
import { forbiddenInGateway } from '../../bundles/store/index.ts'
import {
  type CompileOptions,
  compatibilityErrors,
  compileModules,
  dataConflicts,
  rulePlaces,
  type SourceModule,
  strictErrors,
} from '../../rego/compile/index.ts'
import type { Diagnostic } from '../../rego/syntax/index.ts'
import type { RegoObject } from '../../rego/value/index.ts'
import { inputMistakes } from './input-schema.ts'

/**
 * The mistakes of all modules, by file and place. `strict` asks for what nothing uses as well; with `data`, rules may not
 * stand where it is.
 */
export function checkModules(
  sources: readonly SourceModule[],
  strict = true,
  language: Pick<CompileOptions, 'schemas' | 'builtins' | 'capabilities' | 'cache' | 'bothVersions'> = {},
  data?: RegoObject,
): readonly Diagnostic[] {
  const { modules, compilation, diagnostics } = compileModules(sources, {
    ...language,
    strict,
    forbiddenBuiltins: forbiddenInGateway,
  })
  const unused = strict && diagnostics.length === 0 ? modules.flatMap(strictErrors) : []
  const apart = language.bothVersions === true && diagnostics.length === 0 ? modules.flatMap(compatibilityErrors) : []
  const conflicts = compilation === undefined || data === undefined ? [] : dataConflicts(rulePlaces(compilation), data)
  const seen = new Set<string>()
  return [...diagnostics, ...conflicts, ...apart, ...inputMistakes(modules), ...unused]
    .filter(({ location, message }) => {
      const key = `${location.file}:${location.row}:${location.col}:${message}`
      if (seen.has(key)) return false
      seen.add(key)
      return true
    })
    .sort((a, b) => order(a, b))
}

function order(a: Diagnostic, b: Diagnostic): number {
  if (a.location.file !== b.location.file) return a.location.file < b.location.file ? -1 : 1
  return a.location.offset - b.location.offset
}
