// Reads evaluation cases and compares what came with what was wanted.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { parse } from 'yaml'
import type { Evaluation } from '../../rego/interpret/index.ts'
import {
  compare,
  isArray,
  isObject,
  isSet,
  RegoObject,
  RegoSet,
  readJson,
  type Value,
  valueFromData,
  writeJson,
} from '../../rego/value/index.ts'

/** One evaluation case, with absent fields undefined. */
export interface EvaluationCase {
  readonly id: string
  readonly note: string
  readonly query: string
  readonly modules: readonly string[]
  readonly data: Value
  readonly input: Value | undefined
  readonly inputTerm: string | undefined
  readonly wantResult: readonly Value[] | undefined
  readonly wantErrorCode: string | undefined
  readonly wantError: string | undefined
  readonly wantDefined: boolean | undefined
  readonly strictError: boolean
  readonly sortBindings: boolean
  readonly ignoreGeneratedVars: boolean
  readonly experimental: boolean
  /** The IR document, in plans-v1. */
  readonly plan: Value | undefined
}

const YAML_ALIASES_MAX = 100
const PLAN_DEPTH_MAX = 3_000

/** The files below a folder whose names end so, sorted. */
export function filesBelow(folder: string, ending: string): string[] {
  const files: string[] = []
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name)
    if (statSync(path).isDirectory()) files.push(...filesBelow(path, ending))
    else if (name.endsWith(ending)) files.push(path)
  }
  return files
}

/** A YAML file as a value, integers of any size exact. */
export function readYaml(path: string): Value {
  const data: unknown = parse(readFileSync(path, 'utf8'), {
    intAsBigInt: true,
    maxAliasCount: YAML_ALIASES_MAX,
    logLevel: 'error',
  })
  return valueFromData(data)
}

/** The cases of a YAML or JSON file; `root` is what their ids are relative to. */
export function readCases(path: string, root: string): EvaluationCase[] {
  const document = path.endsWith('.json') ? readJson(readFileSync(path, 'utf8'), PLAN_DEPTH_MAX) : readYaml(path)
  const cases = isObject(document) ? document.get('cases') : document
  if (!isArray(cases ?? null)) return []
  const file = relative(root, path)
  const items = cases !== undefined && isArray(cases) ? cases : []
  return items.map((item, index) => readCase(item, `${file}#${index}`))
}

function readCase(item: Value, where: string): EvaluationCase {
  if (!isObject(item)) throw new TypeError(`${where}: no case`)
  const text = (name: string): string | undefined => {
    const value = item.get(name)
    return typeof value === 'string' ? value : undefined
  }
  const list = (name: string): readonly Value[] | undefined => {
    const value = item.get(name)
    return value !== undefined && isArray(value) ? value : undefined
  }
  const note = text('note') ?? basename(where)
  const defined = item.get('want_defined')
  return {
    id: `${where} ${note}`,
    note,
    query: text('query') ?? '',
    modules: (list('modules') ?? []).filter((module) => typeof module === 'string'),
    data: item.get('data') ?? new RegoObject(),
    input: item.get('input'),
    inputTerm: text('input_term'),
    wantResult: list('want_plan_result') ?? list('want_result'),
    wantErrorCode: text('want_error_code'),
    wantError: text('want_error'),
    wantDefined: typeof defined === 'boolean' ? defined : undefined,
    strictError: item.get('strict_error') === true,
    sortBindings: item.get('sort_bindings') === true,
    ignoreGeneratedVars: item.get('ignore_generated_vars') === true,
    experimental: item.get('experimental_keywords') === true,
    plan: item.get('plan'),
  }
}

/** Why an evaluation does not give what its case wants; undefined when it does. */
export function mismatch(wanted: EvaluationCase, got: Evaluation): string | undefined {
  const wantsError = wanted.wantErrorCode !== undefined || wanted.wantError !== undefined
  if (wantsError) {
    if (got.error === undefined) return `wanted ${wanted.wantErrorCode ?? wanted.wantError}, got ${show(got.results)}`
    if (wanted.wantErrorCode !== undefined && got.error.code !== wanted.wantErrorCode) {
      return `wanted ${wanted.wantErrorCode}, got ${got.error.message}`
    }
    if (wanted.wantError !== undefined && !got.error.message.includes(wanted.wantError)) {
      return `wanted an error with \`${wanted.wantError}\`, got ${got.error.message}`
    }
  } else if (got.error !== undefined) {
    return `got ${got.error.message}${causeOf(got.error)}`
  }
  if (wanted.wantDefined !== undefined && wanted.wantDefined !== got.results.length > 0) {
    return `wanted ${wanted.wantDefined ? 'a result' : 'no result'}, got ${show(got.results)}`
  }
  if (wanted.wantResult === undefined) return undefined
  const want = new RegoSet(wanted.wantResult.map((bindings) => bindingsOf(bindings, wanted)))
  const came = new RegoSet(got.results.map((bindings) => bindingsOf(bindings, wanted)))
  return compare(want, came) === 0 ? undefined : `wanted ${show(want.items())}, got ${show(came.items())}`
}

function causeOf(error: Error): string {
  return error.cause instanceof Error ? ` (${error.cause.message})` : ''
}

const SHOWN_MAX = 300

function show(values: readonly Value[]): string {
  const text = writeJson(values)
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}...` : text
}

function bindingsOf(bindings: Value, wanted: EvaluationCase): Value {
  if (!isObject(bindings)) return bindings
  const plain = new RegoObject()
  for (const [name, value] of bindings) {
    if (wanted.ignoreGeneratedVars && typeof name === 'string' && name.startsWith('__localq')) continue
    const json = jsonValue(value)
    plain.insert(name, wanted.sortBindings && isArray(json) ? [...json].sort(compare) : json)
  }
  return plain
}

/** A value as JSON has it: sets as sorted arrays, keys as text. */
function jsonValue(value: Value): Value {
  if (isArray(value)) return value.map(jsonValue)
  if (isSet(value)) return value.items().map(jsonValue)
  if (!isObject(value)) return value
  const plain = new RegoObject()
  for (const [key, item] of value) plain.insert(typeof key === 'string' ? key : writeJson(key), jsonValue(item))
  return plain
}
