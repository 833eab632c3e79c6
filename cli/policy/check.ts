// `sallyport policy check`: every mistake of a set of policies, with the line and what to do.
import { type Diagnostic, renderDiagnostic } from '../../rego/syntax/index.ts'
import { checkModules } from './check-modules.ts'
import { languageFlags, readLanguage } from './language.ts'
import { formatOf, numberOf, readOptions, regoVersionFlags, regoVersionOf, UsageError } from './options.ts'
import { sarifLog } from './sarif.ts'
import { readSources } from './sources.ts'
import { githubLine, junitOfDiagnostics } from './testing/reports.ts'
import { runWatching } from './watch.ts'

const formats = ['pretty', 'json', 'github', 'sarif', 'junit'] as const

/** Runs `check`. */
export async function check(args: readonly string[]): Promise<number> {
  const { values, lists, paths } = readOptions(args, {
    format: { type: 'string', short: 'f' },
    output: { type: 'string', short: 'o' },
    bundle: { type: 'string', short: 'b', multiple: true },
    'max-errors': { type: 'string', short: 'm' },
    ignore: { type: 'string', multiple: true },
    watch: { type: 'boolean', short: 'w' },
    ...regoVersionFlags,
    strict: { type: 'boolean', short: 'S' },
    'no-strict': { type: 'boolean' },
    'v0-v1': { type: 'boolean' },
    'rego-v1': { type: 'boolean' },
    ...languageFlags,
  })
  const all = [...paths, ...(lists['bundle'] ?? [])]
  if (all.length === 0) throw new UsageError('name at least one file or folder')
  // All paths are bundles where one is named so, as with opa's flag.
  const asBundles = lists['bundle'] !== undefined
  const format = formatOf(values['output'] ?? values['format'], formats)
  const most = numberOf(values['max-errors'], 'max-errors')
  const both = values['v0-v1'] === true || values['rego-v1'] === true
  const once = async (): Promise<number> => {
    const sources = await readSources(all, both ? 0 : regoVersionOf(values), {
      ignore: lists['ignore'] ?? [],
      bundles: asBundles,
    })
    if (sources.modules.length === 0) throw new UsageError(`there is no Rego in ${all.join(', ')}`)
    const found = checkModules(
      sources.modules,
      values['no-strict'] !== true,
      { ...(await readLanguage(values)), ...(both ? { bothVersions: true } : {}) },
      asBundles ? sources.data : undefined,
    )
    process.stdout.write(report(most === undefined || most < 1 ? found : found.slice(0, most), sources.texts, format))
    return found.length > 0 ? 2 : 0
  }
  return values['watch'] === true ? runWatching(all, once) : once()
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
    return diagnostics.map((one) => githubLine('error', one.location, `${one.code}: ${one.message}`)).join('')
  if (format === 'sarif')
    return sarifLog(
      diagnostics.map(({ code, message, location, help }) => ({
        rule: code,
        level: 'error' as const,
        message: help === undefined ? message : `${message}; ${help}`,
        place: location,
      })),
    )
  if (format === 'junit') return junitOfDiagnostics(diagnostics, [...texts.keys()])
  if (diagnostics.length === 0) return ''
  const shown = diagnostics.map((one) => renderDiagnostic(one, texts.get(one.location.file)))
  return `${shown.join('\n\n')}\n\n${diagnostics.length} ${diagnostics.length === 1 ? 'error' : 'errors'}\n`
}
