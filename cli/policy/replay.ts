// `sallyport policy replay`: recorded sessions through a candidate policy. What would now be decided otherwise, and was not
// explained beforehand, fails the run.
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { analyzeLine } from '../../engine/action/shell/index.ts'
import {
  builtinCatalog,
  catalogFromServer,
  createSqlAnalyzer,
  type SqlAnalyzer,
  SqlSession,
} from '../../engine/action/sql/index.ts'
import { loadCandidate } from './candidate.ts'
import { canonical } from './fixtures/judge.ts'
import { type Flip, flipOf, flipsAsJson, showFlips } from './flips.ts'
import { formatOf, readOptions, UsageError } from './options.ts'
import { type RecordedDecision, recordedDecisions } from './recorded.ts'
import { framesDiffer } from './replaying/frames.ts'
import { StatementReader } from './replaying/statements.ts'
import { SourceError } from './sources.ts'

/** A change that somebody expects, with the reason for it. Every field that is there must fit. */
interface Explanation {
  readonly kind?: string
  readonly session?: string
  readonly resource?: string
  readonly subject?: string
  readonly rule?: string
  readonly text?: string
  readonly reason: string
}

const explanationKeys: readonly string[] = ['kind', 'session', 'resource', 'subject', 'rule', 'text', 'reason']

/** Runs `replay`. */
export async function replay(args: readonly string[]): Promise<number> {
  const { values, paths } = readOptions(args, {
    sessions: { type: 'string' },
    'open-key': { type: 'string' },
    session: { type: 'string' },
    explained: { type: 'string' },
    catalog: { type: 'string' },
    'no-analyze': { type: 'boolean' },
    format: { type: 'string', short: 'f' },
    output: { type: 'string', short: 'o' },
  })
  const [path, ...more] = paths
  const dir = values['sessions']
  if (path === undefined || more.length > 0 || typeof dir !== 'string')
    throw new UsageError('name one bundle or folder, and the recordings with `--sessions FOLDER`')
  const format = formatOf(values['output'] ?? values['format'], ['pretty', 'json'])
  const explanations = values['explained'] === undefined ? [] : readExplanations(String(values['explained']))
  const candidate = await loadCandidate(path, BigInt(Date.now()) * 1_000_000n)
  const analyzer = values['no-analyze'] === true ? undefined : await analyzerOf(values['catalog'])
  const analyze = analyzer === undefined ? undefined : readerOf(analyzer)
  const frames = new Map<string, { readonly reader: StatementReader; readonly judged: RecordedDecision[] }>()
  const framesOf = (session: string): { readonly reader: StatementReader; readonly judged: RecordedDecision[] } => {
    const known = frames.get(session) ?? { reader: new StatementReader(), judged: [] }
    frames.set(session, known)
    return known
  }
  const flips: Flip[] = []
  const explained: { readonly flip: Flip; readonly reason: string }[] = []
  const misread: string[] = []
  let actions = 0
  const key = values['open-key'] === undefined ? undefined : String(values['open-key'])
  const only = values['session'] === undefined ? undefined : String(values['session'])
  const sent = (session: string, bytes: Uint8Array): void => {
    if (analyzer !== undefined) framesOf(session).reader.push(bytes)
  }
  for (const recorded of recordedDecisions(dir, key, only, sent)) {
    actions++
    if (recorded.document.resource.protocol === 'postgres') framesOf(recorded.session).judged.push(recorded)
    const where = `${recorded.session}#${recorded.sequence}`
    const difference = analyze?.(recorded)
    if (difference !== undefined) misread.push(`${where}: ${difference}`)
    const flip = flipOf(
      where,
      oneLine(recorded.document.action.text),
      recorded.decision,
      candidate.decide(recorded.document),
    )
    if (flip === undefined) continue
    const why = explanations.find((one) => fits(one, flip, recorded))
    if (why === undefined) flips.push(flip)
    else explained.push({ flip, reason: why.reason })
  }
  let decoded = 0
  for (const [session, { reader, judged }] of frames) {
    if (analyzer === undefined || judged.length === 0 || reader.isUntouched) continue
    decoded++
    const difference = framesDiffer(reader, judged, analyzer)
    if (difference !== undefined) misread.push(`${session}: ${oneLine(difference)}`)
  }
  if (format === 'json')
    process.stdout.write(
      `${JSON.stringify({ actions, flips: flipsAsJson(flips), explained: explained.map(({ flip, reason }) => ({ ...flipsAsJson([flip])[0], reason })), misread }, null, 2)}\n`,
    )
  else {
    const lines = [...showFlips(flips), ...misread.map((line) => `read otherwise: ${line}`)]
    lines.push(
      `${actions} actions: ${flips.length} unexplained ${flips.length === 1 ? 'flip' : 'flips'}, ${explained.length} explained, ${misread.length} read otherwise${decoded === 0 ? '' : `; frames of ${decoded} ${decoded === 1 ? 'session' : 'sessions'} decoded again`}`,
    )
    process.stdout.write(`${lines.join('\n')}\n`)
  }
  return flips.length > 0 || misread.length > 0 ? 2 : 0
}

async function analyzerOf(catalogFile: string | boolean | undefined): Promise<SqlAnalyzer> {
  const catalog = typeof catalogFile === 'string' ? catalogFromServer(readText(catalogFile), 'file') : builtinCatalog()
  return createSqlAnalyzer(18, catalog)
}

/** Reads the text of a recorded action again: what the analyzer says must not be weaker than what was judged. */
function readerOf(analyzer: SqlAnalyzer): (recorded: RecordedDecision) => string | undefined {
  return ({ document: { action } }) => {
    if (action.shell !== undefined && action.shell.operation === 'exec') {
      const names = (commands: readonly { readonly name: string | null }[]): string =>
        canonical(commands.map((one) => one.name))
      const [then, now] = [names(action.shell.commands), names(analyzeLine(action.text).commands)]
      return then === now ? undefined : `commands were ${then}, are ${now}`
    }
    if (action.sql === undefined || action.text === '') return undefined
    const result = analyzer.analyzeNow(action.text, SqlSession.start('user'))
    if (result.kind === 'refusal') return `the text is refused now: ${result.code}`
    const kinds = (statements: readonly { readonly kind: string }[]): string =>
      canonical(statements.map((one) => one.kind))
    const [then, now] = [kinds(action.sql.statements), kinds(result.statements)]
    return then === now ? undefined : `statements were ${then}, are ${now}`
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw new SourceError(`\`${file}\` cannot be read`)
  }
}

function readExplanations(file: string): readonly Explanation[] {
  let list: unknown
  try {
    list = parse(readText(file), { maxAliasCount: 20 })
  } catch (error) {
    if (error instanceof SourceError) throw error
    throw new SourceError(`${file}: not YAML`)
  }
  if (!Array.isArray(list)) throw new SourceError(`${file}: not a list of explained changes`)
  return list.map((item: unknown, index) => {
    const fields: { readonly [name: string]: unknown } =
      typeof item === 'object' && item !== null ? Object.fromEntries(Object.entries(item)) : {}
    const unknown = Object.keys(fields).find((name) => !explanationKeys.includes(name))
    if (unknown !== undefined) throw new SourceError(`${file}: entry ${index + 1} has no key \`${unknown}\``)
    const { reason } = fields
    if (typeof reason !== 'string' || reason === '')
      throw new SourceError(`${file}: entry ${index + 1} has no \`reason\``)
    if (Object.keys(fields).length < 2)
      throw new SourceError(`${file}: entry ${index + 1} would explain every change: say which`)
    const texts = Object.entries(fields).map(([name, value]) => [name, String(value)] as const)
    return { ...Object.fromEntries(texts), reason }
  })
}

function fits(one: Explanation, flip: Flip, recorded: RecordedDecision): boolean {
  const { document } = recorded
  const rules = [...flip.before.rules, ...flip.after.rules]
  return (
    (one.kind === undefined || one.kind === flip.kind) &&
    (one.session === undefined || one.session === recorded.session) &&
    (one.resource === undefined || one.resource === document.resource.name) &&
    (one.subject === undefined || one.subject === document.identity.subject) &&
    (one.rule === undefined || rules.includes(one.rule)) &&
    (one.text === undefined || document.action.text.includes(one.text))
  )
}

/** A text on one line, without what could move a terminal's cursor. */
export function oneLine(text: string): string {
  const shown = [...text]
    .map((character) => {
      const code = character.codePointAt(0) ?? 0
      return code < 32 || (code >= 127 && code < 160) || (code >= 0x2028 && code <= 0x202e) ? ' ' : character
    })
    .join('')
  return shown.length > 200 ? `${shown.slice(0, 200)}...` : shown
}
