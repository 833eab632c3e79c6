// Header fields that a policy wants in an answer, or not in it.

/** A field of an answer: what it says instead, or null where it is left out. */
export interface HeaderChange {
  /** In lower case. */
  readonly name: string
  readonly value: string | null
}

/** Fields by which a message's end and its coding are known: nobody changes them but who writes the message. */
const ofTheMessage: ReadonlySet<string> = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-range',
  'keep-alive',
  'proxy-authenticate',
  'proxy-connection',
  'sec-websocket-accept',
  'sec-websocket-extensions',
  'sec-websocket-protocol',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Whether a text can be the name of a field that a policy changes (RFC 9110 5.1). */
export function isChangeable(name: string): boolean {
  return /^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(name) && !ofTheMessage.has(name)
}

/** Whether a text can stand as a field's value: visible characters, blanks between them. */
export function isFieldValue(value: string): boolean {
  return /^(?:[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)?$/.test(value)
}

/** Changes by name, in order; what is left out stays out. Undefined where two values are wanted for one field. */
export function mergedChanges(changes: readonly HeaderChange[]): readonly HeaderChange[] | undefined {
  const byName = new Map<string, HeaderChange>()
  for (const change of changes) {
    const other = byName.get(change.name)
    if (other === undefined || change.value === null) byName.set(change.name, change)
    else if (other.value !== null && other.value !== change.value) return undefined
  }
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}
