// What actions are as texts: JSON whole, and JSON without what stands once for many.
import type { Action, SqlFacts } from '../../engine/action/index.ts'

/** An action as it is stored: its digest follows from the rest. */
export type StoredAction = Omit<Action, 'digest'>

/** Texts of analyzed statements up to this length are kept for as long as the analysis is. */
const keptTextMax = 16 * 1024
const statementTexts = new WeakMap<object, string>()

// INVARIANT: an analysis is never changed once it is made; analyzers hand out the same one for the same text.
/** The statements of an action are by far its largest part, and the same object each time the same text is run. */
function statementsText(statements: object): string {
  let text = statementTexts.get(statements)
  if (text === undefined) {
    text = JSON.stringify(statements)
    if (text.length <= keptTextMax) statementTexts.set(statements, text)
  }
  return text
}

interface CommandText {
  readonly stored: Pick<StoredAction, 'stage' | 'verb' | 'operation' | 'text' | 'complete'>
  readonly json: string
}
const commandTexts = new WeakMap<object, CommandText>()

/** A command that is run again comes with the same analysis; what stands beside it is looked at each time. */
function commandText(action: StoredAction, shell: object): string {
  const { stage, verb, operation, text, complete } = action
  const known = commandTexts.get(shell)
  if (
    known !== undefined &&
    known.stored.stage === stage &&
    known.stored.verb === verb &&
    known.stored.operation === operation &&
    known.stored.text === text &&
    known.stored.complete === complete
  )
    return known.json
  const stored = { stage, verb, operation, text, complete }
  const json = JSON.stringify({ ...stored, shell })
  if (json.length <= keptTextMax) commandTexts.set(shell, { stored, json })
  return json
}

/** The JSON of an action. Field by field: the digest is a getter that would compute it. */
export function actionText(stored: StoredAction): string {
  const { stage, verb, operation, text, complete, sql, shell, kube, http } = stored
  if (shell !== undefined && sql === undefined && kube === undefined && http === undefined)
    return commandText(stored, shell)
  const action = JSON.stringify({ stage, verb, operation, text, complete, shell, kube, http })
  if (sql === undefined) return action
  const { statements, ...others } = sql
  return `${action.slice(0, -1)},"sql":${withFirst('statements', statementsText(statements), others)}}`
}

/** Where the text of an action's only statement stands in the action's own: so many characters before it and after. */
export interface Within {
  readonly before: number
  readonly after: number
}

/** Where an SQL action has one statement whose text is a piece of its own: where. */
export function withinText(text: string, { statements }: SqlFacts): Within | undefined {
  const [statement] = statements
  if (statement === undefined || statements.length > 1) return undefined
  const before = text.indexOf(statement.text)
  return before < 0 ? undefined : { before, after: text.length - before - statement.text.length }
}

/** Whether the only statement's text stands at that place. */
export function isWithin(text: string, { statements }: SqlFacts, { before, after }: Within): boolean {
  const own = statements[0]?.text ?? ''
  return text.length - before - after === own.length && text.startsWith(own, before)
}

/** The JSON of an SQL action without its text and parameters; the statement's text is told by its place. */
export function sharedText({ stage, verb, operation, complete }: StoredAction, sql: SqlFacts, place: Within): string {
  const [statement] = sql.statements
  const { text: _text, ...facts } = statement ?? { text: '' }
  const statements = [{ text: place, ...facts }]
  return JSON.stringify({ stage, verb, operation, complete, sql: { statements, protocol: sql.protocol } })
}

/** The text of an object that has one field more, in front, whose text is at hand. */
function withFirst(name: string, text: string, others: object): string {
  const rest = JSON.stringify(others)
  return rest === '{}' ? `{"${name}":${text}}` : `{"${name}":${text},${rest.slice(1)}`
}
