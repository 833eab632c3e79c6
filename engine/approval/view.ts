// What an approver is shown: what the analyzer saw of the action, never the agent's own words as if they were facts.
import { quote } from 'shell-quote'
import type { ActionDocument, SqlStatement } from '../action/index.ts'
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

const linesMax = 50
const textMax = 16 * 1024

/** The view of a held action. */
export function viewOf(document: ActionDocument, holds: readonly Hold[]): HoldView {
  const { identity, resource, action } = document
  const { target } = resource
  const place = [target.host, target.port, target.database ?? target.cluster].filter((part) => part !== undefined)
  return {
    who: [
      `${visible(identity.subject)} (${identity.kind}, ${visible(identity.issuer)})`,
      ...[...identity.chain]
        .reverse()
        .map((link) => `for ${visible(link.subject)} (${link.kind}, ${visible(link.issuer)})`),
    ],
    where: `${visible(resource.name)} (${resource.protocol}${place.length === 0 ? '' : ` at ${visible(place.join(' '))}`})`,
    what: whatOrOperation(document).slice(0, linesMax),
    why: holds.map(({ rule, reason }) => `${visible(reason)} (${visible(rule)})`),
    risks: risksOf(document),
    estimates: [],
    text: visible(action.text.slice(0, textMax)) + (action.text.length > textMax ? ' ... cut' : ''),
    parameters: (action.sql?.parameters ?? []).slice(0, linesMax).map((one) => visible(JSON.stringify(one) ?? '')),
  }
}

function whatOrOperation(document: ActionDocument): readonly string[] {
  const lines = whatOf(document)
  const { verb, operation } = document.action
  return lines.length > 0 ? lines : [visible(`${verb} ${operation}`)]
}

function whatOf({ action }: ActionDocument): readonly string[] {
  if (action.sql !== undefined) return action.sql.statements.flatMap(statementLines)
  if (action.shell !== undefined)
    return action.shell.commands.map(
      (command) => `runs ${command.argv.map((word) => (word === null ? '?' : visible(quote([word])))).join(' ')}`,
    )
  if (action.kube !== undefined) {
    const { verb, group, resource, subresource, namespace, name } = action.kube
    const kind = [resource, subresource].filter((part) => part !== undefined && part !== '').join('/')
    return [
      visible(
        `${verb} ${kind}${group === '' || group === undefined ? '' : `.${group}`} ${name ?? ''} in ${namespace ?? 'the whole cluster'}`,
      ),
    ]
  }
  if (action.http !== undefined) return [visible(`${action.http.method} ${action.operation}`)]
  return [visible(`${action.verb} ${action.operation}`)]
}

function statementLines(statement: SqlStatement): readonly string[] {
  const lines = statement.relations.map(
    ({ access, schema, name, columns }) =>
      `${access} ${visible(`${schema}.${name}`)}${columns.length === 0 ? '' : ` (${visible(columns.join(', '))})`}`,
  )
  const objects = statement.objects.map(
    ({ action, kind, schema, name }) => `${action} ${kind} ${visible(schema === '' ? name : `${schema}.${name}`)}`,
  )
  const calls = statement.functions
    .filter(({ effects }) => effects !== 'pure' && effects !== 'read')
    .map(({ schema, name, effects }) => `calls ${visible(`${schema}.${name}`)} (${effects})`)
  return [visible(statement.kind), ...[...objects, ...lines, ...calls].map((line) => `  ${line}`)]
}

function risksOf({ action }: ActionDocument): readonly string[] {
  const risks: string[] = []
  if (!action.complete) risks.push('not everything the action does could be read')
  for (const statement of action.sql?.statements ?? []) {
    if (/^(delete|update)$/i.test(statement.kind) && !statement.where)
      risks.push(`${visible(statement.kind)} without WHERE`)
    if (/drop|truncate/i.test(statement.kind)) risks.push(`${visible(statement.kind)} cannot be undone`)
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

function hides(code: number): boolean {
  if (code === 0x0a || code === 0x09) return false
  if (code < 0x20 || (code >= 0x7f && code <= 0xa0) || code === 0xad) return true
  if (code >= 0x200b && code <= 0x200f) return true
  if (code >= 0x2028 && code <= 0x202f) return true
  if (code >= 0x2060 && code <= 0x206f) return true
  if (code === 0xfeff || (code >= 0xfff0 && code <= 0xfffb)) return true
  return (code >= 0xd800 && code <= 0xdfff) || (code >= 0xe0000 && code <= 0xe0fff)
}
