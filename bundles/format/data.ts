// The base documents of a bundle: every data.json and data.yaml, put together at the path of its folder.
import {
  isObject,
  JsonError,
  RegoObject,
  readJson,
  readJsonInTurns,
  type Turn,
  type Value,
} from '../../rego/value/index.ts'
import { readYaml } from '../../rego/yaml/index.ts'
import { BundleError } from './error.ts'
import { insideRoots, type Manifest } from './manifest.ts'
import { baseName, folderOf } from './paths.ts'
import type { BundleFile } from './tar.ts'

/** True for the names that hold base documents. */
export function isDataFile(path: string): boolean {
  const name = baseName(path)
  return name === 'data.json' || name === 'data.yaml' || name === 'data.yml'
}

/** Base documents by the path of their file. */
export type Documents = ReadonlyMap<string, Value>

/** Reads long documents a part in each turn, so that others are served meanwhile. Rejects with BundleError. */
export async function readDocuments(files: readonly BundleFile[], turn: Turn): Promise<Documents> {
  const documents = new Map<string, Value>()
  for (const file of files) {
    if (baseName(file.path) !== 'data.json') continue
    const text = textOf(file)
    documents.set(file.path, await readJsonInTurns(text, turn).catch((cause: unknown) => refuse(file, cause)))
  }
  return documents
}

/**
 * One object with all base documents, but for those that were read already. Throws BundleError where two files say
 * different things about one place.
 */
export function readData(files: readonly BundleFile[], documents: Documents = new Map()): RegoObject {
  const root = new RegoObject()
  for (const file of files) {
    if (!isDataFile(file.path)) continue
    const value = documents.has(file.path) ? (documents.get(file.path) ?? null) : readDocument(file)
    const folder = folderOf(file.path)
    if (folder.length === 0 && !isObject(value))
      throw new BundleError('bad_data', `the value of ${JSON.stringify(file.path)} is not an object`)
    insert(root, folder, value, file.path)
  }
  return root
}

/** Checks that all data lies inside the roots. Throws BundleError with the first path that does not. */
export function checkDataRoots(data: RegoObject, manifest: Manifest): void {
  const visit = (value: Value, path: readonly string[]): void => {
    if (insideRoots(manifest.roots, path)) return
    const above = manifest.roots.some((root) => path.every((segment, index) => root.split('/')[index] === segment))
    if (above && isObject(value)) {
      for (const [key, inner] of value) visit(inner, [...path, String(key)])
      return
    }
    throw new BundleError(
      'outside_roots',
      `manifest roots ${shownRoots(manifest)} do not permit data at path '/${path.join('/')}'`,
    )
  }
  visit(data, [])
}

/** The roots as messages show them. */
export function shownRoots(manifest: Manifest): string {
  return `[${manifest.roots.join(' ')}]`
}

function readDocument(file: BundleFile): Value {
  const text = textOf(file)
  try {
    return baseName(file.path) === 'data.json' ? readJson(text) : readYaml(text)
  } catch (cause) {
    return refuse(file, cause)
  }
}

function textOf(file: BundleFile): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(file.bytes)
  } catch (cause) {
    throw new BundleError('bad_text', `${JSON.stringify(file.path)} is not UTF-8`, { cause })
  }
}

function refuse(file: BundleFile, cause: unknown): never {
  const what = cause instanceof JsonError ? 'JSON' : 'YAML'
  throw new BundleError('bad_data', `${JSON.stringify(file.path)} is not ${what}`, { cause })
}

function insert(root: RegoObject, folder: readonly string[], value: Value, file: string): void {
  let at = root
  for (const [index, segment] of folder.entries()) {
    const here = at.get(segment)
    if (index === folder.length - 1) {
      if (here === undefined) at.insert(segment, isObject(value) ? value.copy() : value)
      else at.insert(segment, merged(here, value, file))
      return
    }
    if (here === undefined) {
      const next = new RegoObject()
      at.insert(segment, next)
      at = next
    } else if (isObject(here)) {
      const next = here.copy()
      at.insert(segment, next)
      at = next
    } else throw conflict(file)
  }
  if (isObject(value))
    for (const [key, inner] of value) at.insert(key, at.has(key) ? merged(at.get(key) ?? null, inner, file) : inner)
}

function merged(a: Value, b: Value, file: string): Value {
  if (!isObject(a) || !isObject(b)) throw conflict(file)
  const out = a.copy()
  for (const [key, value] of b) {
    const here = out.get(key)
    out.insert(key, here === undefined ? value : merged(here, value, file))
  }
  return out
}

function conflict(file: string): BundleError {
  return new BundleError(
    'conflicting_data',
    `${JSON.stringify(file)} and another data file say different things about one path`,
  )
}
