// `--schema` and `--capabilities`: what documents look like, and which built-ins there are, for every command that compiles.
import { readdir, readFile, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import type { CompileOptions } from '../../rego/compile/index.ts'
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

/** Reads what the options name. Throws UsageError. */
export async function readLanguage(values: {
  readonly [name: string]: string | boolean | undefined
}): Promise<Pick<CompileOptions, 'schemas' | 'builtins'>> {
  const { schema, capabilities } = values
  return {
    ...(typeof schema === 'string' ? { schemas: await readSchemas(schema) } : {}),
    ...(typeof capabilities === 'string' ? { builtins: await readBuiltins(capabilities) } : {}),
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

/** The names of the built-ins in a capabilities file. */
async function readBuiltins(path: string): Promise<ReadonlySet<string>> {
  const { builtins } = Object(await readJson(path))
  if (!Array.isArray(builtins)) throw new UsageError(`${path} has no list of \`builtins\``)
  const names = builtins.map((one: unknown) => Object(one).name)
  if (!names.every((name) => typeof name === 'string')) throw new UsageError(`a built-in in ${path} has no name`)
  return new Set(names)
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
