// Delta bundles: a `patch.json` with operations on data, applied in order, all or none.
import { isArray, isObject, JsonError, RegoObject, readJson, type Value } from '../../rego/value/index.ts'
import { shownRoots } from './data.ts'
import { BundleError } from './error.ts'
import { insideRoots, type Manifest } from './manifest.ts'

/** One operation of a delta bundle. */
export interface PatchOperation {
  readonly op: 'upsert' | 'replace' | 'remove'
  readonly path: readonly string[]
  readonly value: Value
}

const operationsMax = 100_000

/** Reads `patch.json`. An empty list is no delta: answers an empty array. Throws BundleError. */
export function readPatch(bytes: Uint8Array, manifest: Manifest): readonly PatchOperation[] {
  let value: Value
  try {
    value = readJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new BundleError('bad_patch', `\`patch.json\` is not ${cause instanceof JsonError ? 'JSON' : 'UTF-8'}`, {
      cause,
    })
  }
  const list = isObject(value) ? value.get('data') : undefined
  if (list === undefined || list === null) return []
  if (!isArray(list)) throw new BundleError('bad_patch', '`data` in `patch.json` is not an array')
  if (list.length > operationsMax)
    throw new BundleError('bad_patch', `\`patch.json\` has more than ${operationsMax} operations`)
  return list.map((item) => operation(item, manifest))
}

/** The data after all operations, or BundleError: nothing is half applied. */
export function applyPatch(data: RegoObject, operations: readonly PatchOperation[]): RegoObject {
  let result: Value = data
  for (const one of operations) result = apply(result, one, 0)
  if (!isObject(result)) throw new BundleError('bad_patch', 'the patch leaves data that is not an object')
  return result
}

function operation(item: Value, manifest: Manifest): PatchOperation {
  if (!isObject(item)) throw new BundleError('bad_patch', 'an operation in `patch.json` is not an object')
  const op = item.get('op')
  const path = item.get('path')
  if (op !== 'upsert' && op !== 'replace' && op !== 'remove' && op !== 'add')
    throw new BundleError('bad_patch', 'an operation in `patch.json` is none of upsert, replace and remove')
  if (typeof path !== 'string') throw new BundleError('bad_patch', 'an operation in `patch.json` has no path')
  const segments = path
    .split('/')
    .filter((segment, index) => index > 0 || segment !== '')
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'))
  if (!insideRoots(manifest.roots, segments)) {
    throw new BundleError(
      'outside_roots',
      `manifest roots ${shownRoots(manifest)} do not permit data patch at path '${segments.join('/')}'`,
    )
  }
  const value = item.get('value')
  if (op !== 'remove' && value === undefined)
    throw new BundleError('bad_patch', `the ${op} at '${segments.join('/')}' has no value`)
  return { op: op === 'add' ? 'upsert' : op, path: segments, value: value ?? null }
}

function apply(target: Value | undefined, one: PatchOperation, depth: number): Value {
  const key = one.path[depth]
  if (key === undefined) {
    if (one.op === 'remove') throw missing(one)
    return one.value
  }
  const last = depth === one.path.length - 1
  if (isArray(target)) return applyToArray(target, one, depth, key, last)
  const object = target === undefined && one.op === 'upsert' ? new RegoObject() : target
  if (!isObject(object)) throw missing(one)
  if (last && one.op === 'remove') {
    if (!object.has(key)) throw missing(one)
    return object.without(key)
  }
  if (one.op !== 'upsert' && !object.has(key)) throw missing(one)
  return object.with(key, apply(object.get(key), one, depth + 1))
}

function applyToArray(target: readonly Value[], one: PatchOperation, depth: number, key: string, last: boolean): Value {
  const index = key === '-' ? target.length : arrayIndex(key)
  if (index === undefined || index > target.length) throw missing(one)
  const copy = [...target]
  if (last && one.op === 'upsert') copy.splice(index, 0, one.value)
  else if (index >= target.length) throw missing(one)
  else if (last && one.op === 'remove') copy.splice(index, 1)
  else copy[index] = apply(target[index], one, depth + 1)
  return copy
}

function arrayIndex(text: string): number | undefined {
  if (text.length === 0 || text.length > 9) return undefined
  for (const character of text) if (character < '0' || character > '9') return undefined
  return Number(text)
}

function missing(one: PatchOperation): BundleError {
  return new BundleError('bad_patch', `the ${one.op} at '${one.path.join('/')}' names no existing place`)
}
