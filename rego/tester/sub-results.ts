// The cases of a data-driven test: the object that its rule built, and the cases it began but did not finish.
import { isObject, jsonEntries, type Value, writeJson } from '../value/index.ts'
import type { SubResult } from './contract.ts'

interface Case {
  readonly name: string
  fail: boolean
  readonly subResults: Map<string, Case>
}

/** The cases by name, from the rule's value and the keys that `internal.test_case` recorded. */
export function subResults(
  value: Value | undefined,
  begun: readonly (readonly Value[])[],
): { readonly fail: boolean; readonly cases: ReadonlyMap<string, SubResult> } {
  const cases = value === undefined ? new Map<string, Case>() : casesOf(value)
  let fail = value === undefined || [...cases.values()].some((each) => each.fail)
  for (const keys of begun) {
    const unfinished = record(cases, keys.map(keyText), 0)
    fail ||= unfinished
  }
  return { fail, cases }
}

/** The cases without cases of their own: what is counted. */
export function* leaves(cases: ReadonlyMap<string, SubResult>): Generator<SubResult> {
  for (const each of cases.values()) {
    if (each.subResults.size === 0) yield each
    else yield* leaves(each.subResults)
  }
}

function casesOf(value: Value): Map<string, Case> {
  const cases = new Map<string, Case>()
  if (!isObject(value)) return cases
  for (const [name, item] of jsonEntries(value)) {
    const inner = casesOf(item)
    const fail = isObject(item) ? [...inner.values()].some((each) => each.fail) : item !== true
    cases.set(name, { name, fail, subResults: inner })
  }
  return cases
}

/** Makes the case that the keys name, failed, where there is none. Gives whether it failed. */
function record(cases: Map<string, Case>, keys: readonly string[], at: number): boolean {
  const name = keys[at]
  if (name === undefined) return true
  let found = cases.get(name)
  if (found === undefined) {
    found = { name, fail: true, subResults: new Map() }
    cases.set(name, found)
  }
  if (at === keys.length - 1) return found.fail
  const fail = record(found.subResults, keys, at + 1)
  found.fail ||= fail
  return fail
}

function keyText(key: Value): string {
  return typeof key === 'string' ? key : writeJson(key)
}
