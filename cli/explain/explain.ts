// `sallyport explain`: in plain words, which rules fired on an action, which nearly did, and what the analyzer saw. The action
// comes from the decision log by its decision id, or as a document on standard input.
import { createReadStream, existsSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { BundleError } from '../../bundles/format/index.ts'
import { compilePolicy } from '../../bundles/store/index.ts'
import {
  type Decision,
  explainDecision,
  failedDecision,
  readDecision,
  resultOn,
  stageOf,
} from '../../engine/decision/index.ts'
import { builtins } from '../../rego/builtins/index.ts'
import { Program } from '../../rego/interpret/index.ts'
import { type Module, parseModule } from '../../rego/syntax/index.ts'
import { dataFromValue, isObject, valueFromData } from '../../rego/value/index.ts'
import { readOptions, UsageError } from '../policy/options.ts'
import { type PolicySources, readSources, SourceError } from '../policy/sources.ts'
import { NearMisses, type RuleProgress } from './near.ts'
import { describeDocument } from './seen.ts'

const usage = `usage: sallyport explain [DECISION] [options] --policy FOLDER

  DECISION          a decision id; without one, an action document is read from standard input
  --log FILE        the decision log that holds the decision
  --policy FOLDER   the policies, a folder or bundle; may be repeated
  --format json     the same as JSON

Exit 0 when it could be explained, 1 on a wrong command line or what cannot be read.
`

/** Runs `sallyport explain`. */
export async function run(args: readonly string[]): Promise<number> {
  try {
    return await explain(args)
  } catch (error) {
    if (!(error instanceof UsageError) && !(error instanceof SourceError)) throw error
    process.stderr.write(`sallyport explain: ${error.message}\n${error instanceof UsageError ? usage : ''}`)
    return 1
  }
}

async function explain(args: readonly string[]): Promise<number> {
  const { values, lists, paths } = readOptions(args, {
    log: { type: 'string' },
    policy: { type: 'string', multiple: true },
    bundle: { type: 'string', short: 'b', multiple: true },
    format: { type: 'string', short: 'f' },
    help: { type: 'boolean', short: 'h' },
  })
  if (values['help'] === true) {
    process.stdout.write(usage)
    return 0
  }
  const folders = [...(lists['policy'] ?? []), ...(lists['bundle'] ?? [])]
  const [id, ...more] = paths
  if (more.length > 0) throw new UsageError('give one decision id')
  if (folders.length === 0) throw new UsageError('name the policies with `--policy FOLDER`')
  if (id !== undefined && typeof values['log'] !== 'string')
    throw new UsageError('name the decision log with `--log FILE`')
  const document = id === undefined ? stdinDocument() : await loggedDocument(String(values['log']), id)
  const { decision, rules } = judge(await readSources(folders, 1), document)
  const fired = rules.filter((one) => one.fired)
  const near = rules
    .filter((one) => !one.fired && one.held > 0)
    .sort((a, b) => b.held / b.conditions - a.held / a.conditions)
  if (values['format'] === 'json') {
    process.stdout.write(`${JSON.stringify({ decision, seen: describeDocument(document), fired, near }, null, 2)}\n`)
    return 0
  }
  const lines = [...describeDocument(document), '', ...explainDecision(decision).slice(0, -1)]
  if (fired.length > 0)
    lines.push('', 'rules that fired:', ...fired.map((one) => `  ${one.rule} (${one.file}:${one.row})`))
  if (near.length > 0) lines.push('', 'rules that nearly fired:', ...near.flatMap(nearLines))
  process.stdout.write(`${lines.join('\n')}\n`)
  return 0
}

function nearLines(one: RuleProgress): readonly string[] {
  const lines = [`  ${one.rule} (${one.file}:${one.row}): ${one.held} of ${one.conditions} conditions held`]
  if (one.stopped !== undefined)
    lines.push(`    line ${one.stopped.row} did not: ${one.stopped.text.split('\n')[0] ?? ''}`)
  return lines
}

function judge(
  sources: PolicySources,
  document: unknown,
): { readonly decision: Decision; readonly rules: readonly RuleProgress[] } {
  const modules: Module[] = []
  for (const source of sources.modules) {
    const { module } = parseModule(source.text, source)
    if (module !== undefined) modules.push(module)
  }
  const policy = compiled(sources)
  const near = new NearMisses(policy, modules)
  const program = new Program(policy, builtins)
  const evaluate = (entrypoint: string, input: unknown): unknown => {
    const { error, results } = program.evaluate(entrypoint, {
      input: valueFromData(input),
      data: sources.data,
      nowNs: BigInt(Date.now()) * 1_000_000n,
      random: (length) => new Uint8Array(length),
      observer: near.observer,
    })
    const [first] = results
    const result = first !== undefined && isObject(first) ? first.get('result') : undefined
    return error !== undefined || result === undefined ? undefined : dataFromValue(result)
  }
  const envelope = { id: 'explained', bundle: { revision: '', digest: '' }, cost: { micros: 0, fuel: 0 } }
  const result = resultOn({ has: (name) => program.entryPoints().includes(name), evaluate }, document)
  if (result === undefined) return { decision: failedDecision(envelope), rules: near.progress() }
  return { decision: readDecision(result, envelope, stageOf(document)), rules: near.progress() }
}

function compiled(sources: PolicySources): ReturnType<typeof compilePolicy> {
  try {
    return compilePolicy(sources.modules.filter((one) => !one.file.endsWith('_test.rego')))
  } catch (error) {
    if (error instanceof BundleError) throw new SourceError(`the policies do not load: ${error.message}`)
    throw error
  }
}

function stdinDocument(): unknown {
  const text = readFileSync(0, 'utf8')
  const value = parsed(text)
  if (typeof value !== 'object' || value === null) throw new SourceError('standard input holds no JSON document')
  return 'input' in value ? value.input : value
}

/** The document of a decision in a log of one JSON object a line. */
async function loggedDocument(file: string, id: string): Promise<unknown> {
  if (!existsSync(file)) throw new SourceError(`there is no decision log \`${file}\``)
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })
  for await (const line of lines) {
    if (!line.includes(id)) continue
    const event = parsed(line)
    if (typeof event !== 'object' || event === null || !('decision_id' in event) || event.decision_id !== id) continue
    if (!('input' in event)) throw new SourceError(`the log entry of \`${id}\` holds no document: it was erased`)
    return event.input
  }
  throw new SourceError(`there is no decision \`${id}\` in ${file}`)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
