// `sallyport policy capabilities`: what policies may use here, in the form that `--capabilities` reads.
import { readFileSync } from 'node:fs'
import { declarations } from '../../rego/types/declarations.ts'
import { readOptions, UsageError } from './options.ts'
import { SourceError } from './sources.ts'

const keywords = { v0: ['contains', 'every', 'if', 'in', 'not'], v1: ['not'] }
const features = {
  v0: ['keywords_in_refs', 'rego_v1', 'rego_v1_import', 'rule_head_ref_string_prefixes', 'rule_head_refs'],
  v1: ['keywords_in_refs', 'rego_v1', 'template_strings'],
}

/** Runs `capabilities`. */
export async function capabilities(args: readonly string[]): Promise<number> {
  const { values, paths } = readOptions(args, {
    current: { type: 'boolean' },
    file: { type: 'string' },
    'v0-compatible': { type: 'boolean' },
  })
  if (paths.length > 0) throw new UsageError('`capabilities` takes no path: name a file with `--file`')
  if (values['file'] !== undefined) {
    process.stdout.write(`${JSON.stringify(readCapabilitiesFile(String(values['file'])), null, 2)}\n`)
    return 0
  }
  const version = values['v0-compatible'] === true ? 'v0' : 'v1'
  const builtins = [...declarations.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  const all = { builtins, future_keywords: keywords[version], features: features[version] }
  process.stdout.write(`${JSON.stringify(all, null, 2)}\n`)
  return 0
}

function readCapabilitiesFile(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    throw new SourceError(`the capabilities \`${file}\` cannot be read as JSON`)
  }
}
