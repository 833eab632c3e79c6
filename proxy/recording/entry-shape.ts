// What entries must look like to be read. The writer makes no others; but a recording that is not sealed may be anybody's,
// and who lists, shows or exports it must hear that it is damaged, and not fall over it.
import type { RecordedEntry } from './entry.ts'

type Shape = (value: unknown) => boolean

const text: Shape = (value) => typeof value === 'string'
const number: Shape = (value) => typeof value === 'number' && Number.isFinite(value)
const anything: Shape = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)

function list(of: Shape, min = 0): Shape {
  return (value) => Array.isArray(value) && value.length >= min && value.every(of)
}

/** An object with these fields; those of `more` need not be there. */
function object(fields: { readonly [name: string]: Shape }, more: { readonly [name: string]: Shape } = {}): Shape {
  const [needed, others] = [Object.entries(fields), Object.entries(more)]
  return (value) => {
    if (typeof value !== 'object' || value === null) return false
    for (const [name, shape] of needed) if (!shape(Reflect.get(value, name))) return false
    for (const [name, shape] of others) {
      const found: unknown = Reflect.get(value, name)
      if (found !== undefined && !shape(found)) return false
    }
    return true
  }
}

const texts: Shape = (value) => anything(value) && Object.values(Object(value)).every(text)
const link = object({ subject: text, issuer: text, kind: text, scopes: list(text) })
const identity = object({
  subject: text,
  issuer: text,
  kind: text,
  groups: list(text),
  scopes: list(text),
  claims: anything,
  chain: list(link),
  token: object({ id: text, issued_at: text, expires_at: text, binding: text }),
})
const resource = object({ name: text, protocol: text, labels: texts, target: anything })
const rule = object({ rule: text })
const statement = object({ relations: list(object({ schema: text, name: text })) })
const action = object(
  { verb: text, operation: text, text },
  { sql: object({ statements: list(statement) }), shell: object({ commands: list(object({ name: text })) }) },
)
const judged = object({ id: text, rules: list(text), bundle: object({ revision: text, digest: text }), effect: text })
const effects: { readonly [effect: string]: Shape } = {
  allow: anything,
  hold: object({ holds: list(rule, 1) }),
  deny: object({ denials: list(rule, 1) }),
}
const decision: Shape = (value) => {
  if (!judged(value)) return false
  const effect: unknown = Reflect.get(Object(value), 'effect')
  return typeof effect === 'string' && Object.hasOwn(effects, effect) && effects[effect]?.(value) === true
}

const shapes: { readonly [kind in RecordedEntry['kind']]: Shape } = {
  opened: object({ identity, resource, client: text }),
  identity: object({
    identity,
    resource,
    session: object({ id: text, started_at: text, client: object({ address: text }, { application: text }) }),
  }),
  action: object({ action, decision, session: object({ usage: anything }), context: object({ time: text }) }),
  refused: object({ decisionId: text, code: text }),
  hold: object({ holdId: text, event: text, detail: text }),
  wire: anything,
  terminal: anything,
  resize: object({ columns: number, rows: number }),
  rows: object({ actionSequence: number, rows: number, bytes: number }),
  masked: object({ rule: text, count: number }),
  budget: object({ budget: text, limit: number }),
  closed: object({ reason: text }),
}

/** Whether an entry of this kind has what is read of such entries. */
export function hasShape(kind: RecordedEntry['kind'], entry: object): boolean {
  return shapes[kind](entry)
}

/** Whether these are times of an entry: a time of day that can be written, and one that only goes on. */
export function areTimes(wallMs: number, monotonicMs: number): boolean {
  return !Number.isNaN(new Date(wallMs).getTime()) && Number.isFinite(monotonicMs)
}
