// What an approver is shown: what the analyzer saw of the action, never the agent's own words as if they were facts.
import { quote } from 'shell-quote'
import type { ActionDocument, Json, SqlStatement } from '../action/index.ts'
import type { Hold } from '../decision/index.ts'

/** A held action for people. */
export interface HoldView {
  /** Who acts, and for whom, the one who acts now first. */
  readonly who: readonly string[]
  readonly where: string
  /** What is done, one line each, as the analyzer read it. */
  readonly what: readonly string[]
  readonly why: readonly string[]
  readonly risks: readonly string[]
  /** What the database expects of it, where it is asked. */
  readonly estimates: readonly string[]
  /** The exact text, with everything that does not print made visible. */
  readonly text: string
  readonly parameters: readonly string[]
}

const tooLong = 'it is too long to be shown whole'
const carriesMore = 'not all that it carries is shown'

const linesMax = 50
/** Characters of one value of a body, and of a name that is no longer than names are. */
const valueMax = 1000
const nameMax = 100
/** Characters of one line of a body, with what is written out in it. */
const lineMax = 4000
const plainCharacters: ReadonlySet<string> = new Set('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-')
const textMax = 16 * 1024

/** The view of a held action. */
export function viewOf(document: ActionDocument, holds: readonly Hold[]): HoldView {
  const { identity, resource, action } = document
  const { target } = resource
  const place = [target.host, target.port, target.database ?? target.cluster].filter((part) => part !== undefined)
  return {
    who: [
      `${visibleLine(identity.subject)} (${identity.kind}, ${visibleLine(identity.issuer)})`,
      ...[...identity.chain]
        .reverse()
        .map((link) => `for ${visibleLine(link.subject)} (${link.kind}, ${visibleLine(link.issuer)})`),
    ],
    where: `${visibleLine(resource.name)} (${resource.protocol}${place.length === 0 ? '' : ` at ${visibleLine(place.join(' '))}`})`,
    what: firstOf(whatOrOperation(document)),
    why: holds.map(({ rule, reason }) => `${visibleLine(reason)} (${visibleLine(rule)})`),
    risks: [...risksOf(document), ...unshown(document)],
    estimates: [],
    text: visible(action.text.slice(0, textMax)) + (action.text.length > textMax ? ' ... cut' : ''),
    parameters: firstOf((action.sql?.parameters ?? []).map((one) => visibleLine(JSON.stringify(one) ?? ''))),
  }
}

/** As many lines as are shown, and how many are not. */
function firstOf(lines: readonly string[]): readonly string[] {
  const left = lines.length - linesMax
  return left > 0 ? [...lines.slice(0, linesMax), `... and ${left} more, not shown`] : lines
}

/** What is too long to be shown whole may do in its last line what it does not do before. */
function unshown(document: ActionDocument): readonly string[] {
  const { text, sql } = document.action
  const isWhole =
    text.length <= textMax && whatOrOperation(document).length <= linesMax && (sql?.parameters ?? []).length <= linesMax
  const risks = isWhole ? [] : [tooLong]
  return bodyOf(document).every((line) => line.isWhole) ? risks : [...risks, carriesMore]
}

/** Whether a view leaves nothing out. */
export function isShownWhole({ risks }: Pick<HoldView, 'risks'>): boolean {
  return !risks.includes(tooLong) && !risks.includes(carriesMore)
}

function whatOrOperation(document: ActionDocument): readonly string[] {
  const lines = whatOf(document)
  const { verb, operation } = document.action
  return lines.length > 0 ? lines : [visibleLine(`${verb} ${operation}`)]
}

function whatOf(document: ActionDocument): readonly string[] {
  const { action } = document
  if (action.sql !== undefined) return action.sql.statements.flatMap(statementLines)
  if (action.shell !== undefined)
    return action.shell.commands.map(
      (command) => `runs ${command.argv.map((word) => (word === null ? '?' : visibleLine(quote([word])))).join(' ')}`,
    )
  if (action.kube !== undefined) {
    const { verb, group, resource, subresource, namespace, name } = action.kube
    const kind = [resource, subresource].filter((part) => part !== undefined && part !== '').join('/')
    const place = namespace === '' || namespace === undefined ? 'the whole cluster' : namespace
    return [
      visibleLine(`${verb} ${kind}${group === '' || group === undefined ? '' : `.${group}`} ${name ?? ''} in ${place}`),
      ...bodyOf(document).map(({ text }) => text),
    ]
  }
  if (action.http !== undefined) {
    const { method, graphql, rpc } = action.http
    return [
      visibleLine(`${method} ${action.operation}`),
      ...graphql.map(({ type, name, fields }) => visibleLine(`  ${type} ${name}: ${fields.join(', ')}`)),
      ...rpc.map((call) => visibleLine(`  calls ${call.method} ${call.tool}`)),
      ...bodyOf(document).map(({ text }) => text),
    ]
  }
  return [visibleLine(`${action.verb} ${action.operation}`)]
}

/** One line of a body. */
interface BodyLine {
  readonly text: string
  readonly isWhole: boolean
}

/** What a request carries: each value of it by its place, or that there is something which is not shown. */
function bodyOf({ action }: ActionDocument): readonly BodyLine[] {
  const { kube, http } = action
  if (kube !== undefined && kube.body !== undefined && kube.body.kind !== 'none')
    return kube.body.object === null ? [notShown(kube.body.kind)] : linesOf('object', kube.body.object)
  if (http?.body === undefined || http.body.kind === 'none') return []
  const { kind, type, value, complete } = http.body
  if (value !== null) return [...linesOf('body', value), ...(complete ? [] : [notShown('what could not be read')])]
  return kind === 'json' && complete ? linesOf('body', null) : [notShown(type === '' ? kind : type)]
}

function notShown(what: string): BodyLine {
  return { text: visibleLine(`  a body that is not shown: ${what}`), isWhole: false }
}

/** The values of a document, one a line. */
function linesOf(place: string, value: Json): readonly BodyLine[] {
  const lines: BodyLine[] = []
  // More than is shown need not be made.
  const walk = (at: string, one: Json): void => {
    if (lines.length > linesMax) return
    const members = typeof one === 'object' && one !== null ? Object.entries(one) : []
    if (members.length === 0) {
      const shown = JSON.stringify(one)
      const text = shown.length > valueMax ? `${shown.slice(0, valueMax)} ... cut` : shown
      const line = visibleLine(`  ${at} = ${text}`)
      const isWhole = shown.length <= valueMax && line.length <= lineMax
      lines.push({ text: isWhole ? line : `${line.slice(0, lineMax)} ... cut`, isWhole })
    }
    for (const [name, member] of members) {
      if (lines.length > linesMax) return
      walk(Array.isArray(one) ? `${at}[${name}]` : `${at}.${nameIn(name)}`, member)
    }
  }
  walk(place, value)
  return lines
}

/** A name that could be taken for a path, or for a value, stands in quotes. */
function nameIn(name: string): string {
  const isPlain = name !== '' && name.length <= nameMax && [...name].every((one) => plainCharacters.has(one))
  return isPlain ? name : JSON.stringify(name)
}

function statementLines(statement: SqlStatement): readonly string[] {
  const lines = statement.relations.map(
    ({ access, schema, name, columns }) =>
      `${access} ${visibleLine(`${schema}.${name}`)}${columns.length === 0 ? '' : ` (${visibleLine(columns.join(', '))})`}`,
  )
  const objects = statement.objects.map(
    ({ action, kind, schema, name }) => `${action} ${kind} ${visibleLine(schema === '' ? name : `${schema}.${name}`)}`,
  )
  const calls = statement.functions
    .filter(({ effects }) => effects !== 'pure' && effects !== 'read')
    .map(({ schema, name, effects }) => `calls ${visibleLine(`${schema}.${name}`)} (${effects})`)
  return [visibleLine(statement.kind), ...[...objects, ...lines, ...calls].map((line) => `  ${line}`)]
}

function risksOf({ action }: ActionDocument): readonly string[] {
  const risks: string[] = []
  if (!action.complete) risks.push('not everything the action does could be read')
  for (const statement of action.sql?.statements ?? []) {
    if (/^(delete|update)$/i.test(statement.kind) && !statement.where)
      risks.push(`${visibleLine(statement.kind)} without WHERE`)
    if (/drop|truncate/i.test(statement.kind)) risks.push(`${visibleLine(statement.kind)} cannot be undone`)
    if (statement.dynamic) risks.push('runs SQL that is only made while it runs')
  }
  return [...new Set(risks)]
}

/** Text in which nothing hides: controls, bidirectional marks and other invisible characters are written out. */
export function visible(text: string): string {
  let out = ''
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0
    out += hides(code) ? `\\u{${code.toString(16)}}` : char
  }
  return out
}

/** The same of what is one line: a name with a line break must not look like a line of ours. */
export function visibleLine(text: string): string {
  return visible(text).replaceAll('\n', '\\u{a}').replaceAll('\t', '\\u{9}')
}

/** Characters that show nothing, pass for an ordinary space, or turn the direction of others; from and to. */
const hidden: readonly (readonly [number, number])[] = [
  [0x00, 0x08],
  [0x0b, 0x1f],
  [0x7f, 0xa0],
  [0xad, 0xad],
  [0x034f, 0x034f],
  [0x061c, 0x061c],
  [0x115f, 0x1160],
  [0x1680, 0x1680],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x2000, 0x200f],
  [0x2028, 0x202f],
  [0x205f, 0x206f],
  [0x2800, 0x2800],
  [0x3000, 0x3000],
  [0x3164, 0x3164],
  [0xd800, 0xdfff],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xfff0, 0xfffb],
  [0x1bca0, 0x1bca3],
  [0x1d173, 0x1d17a],
  [0xe0000, 0xe0fff],
]

function hides(code: number): boolean {
  return hidden.some(([from, to]) => code >= from && code <= to)
}
