// `sallyport policy fmt`: Rego in its canonical form, as `opa fmt` writes it. Nothing is written unless every file parses,
// and what would be written parses again.
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { compatibilityErrors, type SourceModule } from '../../rego/compile/index.ts'
import { type Diagnostic, parseModule } from '../../rego/syntax/index.ts'
import { type PrintOptions, printModule } from '../../rego/syntax/printer/index.ts'
import { report } from './check.ts'
import { unifiedDiff } from './line-diff.ts'
import { readOptions, UsageError } from './options.ts'
import { readSources } from './sources.ts'

interface Formatted {
  readonly file: string
  readonly before: string
  readonly after: string
}

/** Runs `fmt`. Exit 2 when `--check` finds a file that is not in canonical form. */
export async function fmt(args: readonly string[]): Promise<number> {
  const { values, paths } = readOptions(args, {
    diff: { type: 'boolean', short: 'd' },
    write: { type: 'boolean', short: 'w' },
    list: { type: 'boolean', short: 'l' },
    check: { type: 'boolean' },
    fail: { type: 'boolean' },
    'v0-compatible': { type: 'boolean' },
    'v1-compatible': { type: 'boolean' },
    'v0-v1': { type: 'boolean' },
    'rego-v1': { type: 'boolean' },
    'drop-v0-imports': { type: 'boolean' },
  })
  const both = values['v0-v1'] === true || values['rego-v1'] === true
  const v1 = values['v1-compatible'] === true
  const regoVersion = !v1 && (both || values['v0-compatible'] === true) ? 0 : 1
  const options: PrintOptions = {
    target: both ? 'both' : 'same',
    dropImports: values['drop-v0-imports'] === true,
  }
  const check = values['check'] === true || values['fail'] === true
  if (paths.length === 0 && values['write'] === true)
    throw new UsageError('name the files or folders to write; without any, the text is read from stdin')
  const modules: readonly SourceModule[] =
    paths.length === 0
      ? [{ file: '<stdin>', text: readFileSync(0, 'utf8'), regoVersion }]
      : (await readSources(paths, regoVersion, { parts: 'modules' })).modules
  const texts = new Map(modules.map(({ file, text }) => [file, text]))
  if (texts.size === 0) throw new UsageError(`there is no Rego in ${paths.join(', ')}`)
  if (values['write'] === true && [...texts.keys()].some((file) => file.includes('.tar.gz/')))
    throw new UsageError('a bundle archive cannot be formatted in place')
  const { formatted, diagnostics } = formatAll(modules, options)
  if (diagnostics.length > 0) {
    process.stderr.write(report(diagnostics, texts, 'pretty'))
    return 1
  }
  const changed = formatted.filter(({ before, after }) => before !== after)
  if (values['diff'] === true)
    process.stdout.write(changed.map(({ file, before, after }) => unifiedDiff(file, before, after)).join(''))
  else if (values['list'] === true || (check && values['write'] !== true))
    process.stdout.write(changed.map(({ file }) => `${file}\n`).join(''))
  else if (values['write'] !== true) process.stdout.write(formatted.map(({ after }) => after).join('\n'))
  if (values['write'] === true) for (const { file, after } of changed) replaceFile(file, after)
  return check && changed.length > 0 ? 2 : 0
}

function formatAll(
  modules: readonly SourceModule[],
  options: PrintOptions,
): { readonly formatted: readonly Formatted[]; readonly diagnostics: readonly Diagnostic[] } {
  const formatted: Formatted[] = []
  const diagnostics: Diagnostic[] = []
  for (const { file, text: before, regoVersion = 1 } of modules) {
    const parsed = parseModule(before, { file, regoVersion })
    const { module } = parsed
    const faults =
      module === undefined
        ? parsed.diagnostics
        : module.regoVersion === 1 || options.target === 'both'
          ? compatibilityErrors(module)
          : []
    diagnostics.push(...faults)
    if (module === undefined || faults.length > 0) continue
    const after = printModule(module, options)
    const [fault] = parseModule(after, { file, regoVersion: options.target === 'both' ? 1 : regoVersion }).diagnostics
    if (fault === undefined) formatted.push({ file, before, after })
    else
      diagnostics.push({
        code: 'rego_format_error',
        message: `the formatted text would not parse: ${fault.message}`,
        location: module.package.location,
        help: 'the file is left as it is; please report it',
      })
  }
  return { formatted, diagnostics }
}

/** Replaces a file in one step, so that a crash leaves either text. */
function replaceFile(file: string, text: string): void {
  const { mode } = statSync(file)
  const aside = `${file}.${process.pid}.tmp`
  writeFileSync(aside, text, { mode })
  renameSync(aside, file)
}
