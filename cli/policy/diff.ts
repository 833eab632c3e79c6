// `sallyport policy diff`: what a new version of a policy decides otherwise than the old one, and which rules changed.
// Judged over the fixtures of both, over recorded sessions and over documents from files.
import { existsSync, readFileSync } from 'node:fs'
import { constantName } from '../../rego/compile/index.ts'
import { parseModule, type Rule } from '../../rego/syntax/index.ts'
import { printModule } from '../../rego/syntax/printer/index.ts'
import { type Candidate, loadCandidate } from './candidate.ts'
import { documentOf } from './fixtures/document.ts'
import { canonical } from './fixtures/judge.ts'
import { rawAnalyzerOf } from './fixtures/raw.ts'
import { readFixtureFile } from './fixtures/read.ts'
import { type Flip, flipOf, flipsAsJson, showFlips } from './flips.ts'
import { type Mistake, MistakeError } from './mistake.ts'
import { formatOf, readOptions, UsageError } from './options.ts'
import { recordedDecisions } from './recorded.ts'
import { oneLine } from './replay.ts'
import { type PolicySources, readSources, SourceError } from './sources.ts'

/** A document to judge, and where it is from. */
interface Sample {
  readonly where: string
  readonly action: string
  readonly document: unknown
}

/** Runs `diff`. Exit 2 with `--fail-on-allow` when something is newly allowed. */
export async function diff(args: readonly string[]): Promise<number> {
  const { values, lists, paths } = readOptions(args, {
    sessions: { type: 'string' },
    'open-key': { type: 'string' },
    input: { type: 'string', short: 'i', multiple: true },
    'fail-on-allow': { type: 'boolean' },
    format: { type: 'string', short: 'f' },
    output: { type: 'string', short: 'o' },
  })
  const [before, after, ...more] = paths
  if (before === undefined || after === undefined || more.length > 0)
    throw new UsageError('name two bundles or folders: the old one, then the new one')
  const format = formatOf(values['output'] ?? values['format'], ['pretty', 'json'])
  const nowNs = BigInt(Date.now()) * 1_000_000n
  const [old, now] = [await loadCandidate(before, nowNs), await loadCandidate(after, nowNs)]
  const [oldSources, nowSources] = [await readSources([before], 1), await readSources([after], 1)]
  const all = [
    ...(await fixtureSamples([oldSources, nowSources])),
    ...(lists['input'] ?? []).flatMap((file) => fileSamples(file)),
  ]
  if (typeof values['sessions'] === 'string') {
    const key = values['open-key'] === undefined ? undefined : String(values['open-key'])
    for (const { session, sequence, document } of recordedDecisions(values['sessions'], key))
      all.push({ where: `${session}#${sequence}`, action: oneLine(document.action.text), document })
  }
  const samples = distinct(all)
  const flips = flipsBetween(old, now, samples)
  const rules = changedRules(oldSources, nowSources)
  if (format === 'json')
    process.stdout.write(`${JSON.stringify({ judged: samples.length, rules, flips: flipsAsJson(flips) }, null, 2)}\n`)
  else {
    const lines = [
      ...rules.map(({ change, rule }) => `${change} ${rule}`),
      ...showFlips(flips),
      `${samples.length} actions judged by both: ${flips.length} decided otherwise`,
    ]
    if (samples.length === 0) lines.push('give actions to judge: fixtures, `--sessions FOLDER`, or `--input FILE`')
    process.stdout.write(`${lines.join('\n')}\n`)
  }
  return values['fail-on-allow'] === true && flips.some((one) => one.kind === 'newly_allowed') ? 2 : 0
}

/** Both sides mostly bring the same fixtures: each document is judged once. */
function distinct(samples: readonly Sample[]): readonly Sample[] {
  const byText = new Map<string, Sample>()
  for (const one of samples) {
    const text = canonical(one.document)
    if (!byText.has(text)) byText.set(text, one)
  }
  return [...byText.values()]
}

function flipsBetween(old: Candidate, now: Candidate, samples: readonly Sample[]): readonly Flip[] {
  return samples.flatMap(({ where, action, document }) => {
    const flip = flipOf(where, action, old.decide(document), now.decide(document))
    return flip === undefined ? [] : [flip]
  })
}

async function fixtureSamples(all: readonly PolicySources[]): Promise<readonly Sample[]> {
  const mistakes: Mistake[] = []
  const files = all.flatMap(({ fixtures }) => fixtures)
  const cases = files.flatMap(({ file, text }) => readFixtureFile(file, text, mistakes))
  if (mistakes.length > 0) throw new MistakeError(mistakes, new Map(files.map(({ file, text }) => [file, text])))
  const analyze = await rawAnalyzerOf(cases)
  return cases.flatMap((one) => {
    const analysis = one.raw === undefined ? undefined : analyze(one)
    if (analysis !== undefined && analysis.kind !== 'action') return []
    return [{ where: one.file, action: one.name, document: documentOf(one, analysis?.action) }]
  })
}

/** A file of one JSON document, or of one a line. */
function fileSamples(file: string): readonly Sample[] {
  if (!existsSync(file)) throw new SourceError(`there is no \`${file}\``)
  const text = readFileSync(file, 'utf8')
  const whole = parseJson(text)
  const documents =
    whole === undefined
      ? text
          .split('\n')
          .filter((line) => line.trim() !== '')
          .map(parseJson)
      : [whole]
  return documents.map((document, index) => {
    if (typeof document !== 'object' || document === null)
      throw new SourceError(`${file}: line ${index + 1} is no JSON document`)
    // An event of a decision log carries the document as its input.
    const input: unknown = 'input' in document ? document.input : document
    return { where: `${file}:${index + 1}`, action: oneLine(textOf(input)), document: input }
  })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function textOf(document: unknown): string {
  if (typeof document !== 'object' || document === null || !('action' in document)) return ''
  const { action } = document
  return typeof action === 'object' && action !== null && 'text' in action ? String(action.text) : ''
}

/** Rules that one side has and the other has not, by their canonical text. */
function changedRules(
  old: PolicySources,
  now: PolicySources,
): readonly { readonly change: '+' | '-'; readonly rule: string }[] {
  const [before, after] = [printedRules(old), printedRules(now)]
  return [
    ...[...before].filter(([text]) => !after.has(text)).map(([, rule]) => ({ change: '-' as const, rule })),
    ...[...after].filter(([text]) => !before.has(text)).map(([, rule]) => ({ change: '+' as const, rule })),
  ]
}

function printedRules(sources: PolicySources): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const source of sources.modules) {
    if (source.file.endsWith('_test.rego')) continue
    const { module } = parseModule(source.text, source)
    if (module === undefined) continue
    const path = module.package.path.join('.')
    for (const rule of module.rules) {
      const text = printModule({ ...module, imports: [], rules: [rule], comments: [] })
      found.set(text, `data.${path}.${constantName(rule).join('.')} (${placeOf(rule)})`)
    }
  }
  return found
}

function placeOf(rule: Rule): string {
  return `${rule.location.file}:${rule.location.row}`
}
