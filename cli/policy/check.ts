// `sallyport policy check`: every mistake of a set of policies, with the line and what to do.
import { forbiddenInGateway } from '../../bundles/store/index.ts'
import { compileModules } from '../../rego/compile/index.ts'
import { type Diagnostic, renderDiagnostic } from '../../rego/syntax/index.ts'
import { inputMistakes } from './input-schema.ts'
import { formatOf, readOptions, UsageError } from './options.ts'
import { readSources } from './sources.ts'

/** Runs `check`. */
export async function check(args: readonly string[]): Promise<number> {
  const { values, paths } = readOptions(args, {
    format: { type: 'string', short: 'f' },
    output: { type: 'string', short: 'o' },
    'v0-compatible': { type: 'boolean' },
    strict: { type: 'boolean', short: 'S' },
  })
  if (paths.length === 0) throw new UsageError('name at least one file or folder')
  const format = formatOf(values['output'] ?? values['format'], ['pretty', 'json', 'github'])
  const sources = await readSources(paths, values['v0-compatible'] === true ? 0 : 1)
  if (sources.modules.length === 0) throw new UsageError(`there is no Rego in ${paths.join(', ')}`)
  const { modules, diagnostics } = compileModules(sources.modules, { forbiddenBuiltins: forbiddenInGateway })
  const all = [...diagnostics, ...inputMistakes(modules)]
  process.stdout.write(report(all, sources.texts, format))
  return all.length > 0 ? 2 : 0
}

/** Diagnostics in the form asked for. */
export function report(diagnostics: readonly Diagnostic[], texts: ReadonlyMap<string, string>, format: string): string {
  if (format === 'json') {
    const errors = diagnostics.map(({ code, message, location: { file, row, col }, help, details }) => ({
      code,
      message,
      location: { file, row, col },
      ...(details === undefined ? {} : { details }),
      ...(help === undefined ? {} : { help }),
    }))
    return `${JSON.stringify(errors.length === 0 ? {} : { errors }, null, 2)}\n`
  }
  if (format === 'github')
    return diagnostics
      .map(
        (one) =>
          `::error file=${one.location.file},line=${one.location.row},col=${one.location.col}::${one.code}: ${one.message}\n`,
      )
      .join('')
  if (diagnostics.length === 0) return ''
  const shown = diagnostics.map((one) => renderDiagnostic(one, texts.get(one.location.file)))
  return `${shown.join('\n\n')}\n\n${diagnostics.length} ${diagnostics.length === 1 ? 'error' : 'errors'}\n`
}
