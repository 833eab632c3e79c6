// `--schema` and `--capabilities`: what documents look like, and which built-ins there are, for every command that compiles.
import { readdir, readFile, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import type { CompileOptions } from '../../rego/compile/index.ts'
import { type Declaration, declarations } from '../../rego/types/declarations.ts'
import { UsageError } from './options.ts'

/** Bytes of one schema or capabilities file at the most. */
const fileBytesMax: number = 16 * 1024 * 1024
/** Schema files in one folder at the most. */
const schemaFilesMax = 1000

/** The options of the command line that this file reads. */
export const languageFlags: {
  readonly schema: { readonly type: 'string'; readonly short: 's' }
  readonly capabilities: { readonly type: 'string' }
} = { schema: { type: 'string', short: 's' }, capabilities: { type: 'string' } }

/** What the options say of the language. */
export type Language = Pick<CompileOptions, 'schemas' | 'builtins' | 'capabilities'>

/** Reads what the options name. Throws UsageError. */
export async function readLanguage(values: {
  readonly [name: string]: string | boolean | undefined
}): Promise<Language> {
  const { schema, capabilities } = values
  return {
    ...(typeof schema === 'string' ? { schemas: await readSchemas(schema) } : {}),
    ...(typeof capabilities === 'string' ? await readCapabilities(capabilities) : {}),
  }
}

/** One file is the schema of the input; in a folder each file has the name of its path: `schema.a["b-c"]`. */
async function readSchemas(path: string): Promise<ReadonlyMap<string, unknown>> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) throw new UsageError(`there is no schema at ${path}`)
  if (!found.isDirectory()) return new Map([['schema', await readJson(path)]])
  const names = (await readdir(path, { recursive: true })).filter((name) => name.endsWith('.json')).sort()
  if (names.length > schemaFilesMax) throw new UsageError(`there are more than ${schemaFilesMax} schemas in ${path}`)
  const schemas = new Map<string, unknown>()
  for (const name of names) {
    const steps = name.slice(0, -'.json'.length).split(sep)
    schemas.set(`schema${steps.map((step) => `[${JSON.stringify(step)}]`).join('')}`, await readJson(join(path, name)))
  }
  return schemas
}

/** What a capabilities file says: its built-ins with their types, the keywords that may be imported, the features. */
async function readCapabilities(path: string): Promise<Pick<CompileOptions, 'builtins' | 'capabilities'>> {
  const { builtins, future_keywords: keywords = [], features = [] } = Object(await readJson(path))
  if (!Array.isArray(builtins)) throw new UsageError(`${path} has no list of \`builtins\``)
  if (!areTexts(keywords)) throw new UsageError(`\`future_keywords\` in ${path} is no list of names`)
  if (!areTexts(features)) throw new UsageError(`\`features\` in ${path} is no list of names`)
  const declared = builtins.map((one: unknown): [string, Declaration] => {
    const { name, decl } = Object(one)
    if (typeof name !== 'string' || name === '') throw new UsageError(`a built-in in ${path} has no name`)
    const known = declarations.get(name)
    if (known !== undefined) return [name, known]
    if (!isFunctionType(decl)) throw new UsageError(`the built-in \`${name}\` in ${path} has no \`decl\` of a function`)
    return [name, { name, decl }]
  })
  return {
    builtins: new Map(declared),
    capabilities: { futureKeywords: keywords, features: new Set(features) },
  }
}

function areTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

function isFunctionType(value: unknown): value is Declaration['decl'] {
  const { type, args } = Object(value)
  return type === 'function' && (args === undefined || Array.isArray(args))
}

async function readJson(path: string): Promise<unknown> {
  const { size } = (await stat(path).catch(() => undefined)) ?? { size: 0 }
  if (size > fileBytesMax) throw new UsageError(`${path} is larger than ${fileBytesMax} bytes`)
  const text = await readFile(path, 'utf8').catch(() => {
    throw new UsageError(`${path} cannot be read`)
  })
  try {
    return JSON.parse(text)
  } catch {
    throw new UsageError(`${path} is not JSON`)
  }
}
