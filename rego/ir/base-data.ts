// Lookups in base documents. OPA's stores are asked by paths of texts: in what stands in `data` itself a number finds the
// name that is written like it, and a text of digits an index. A value that came out of `data` into a variable is none of it.
import { DATA, type Local, type Operand, type Stmt } from './policy.ts'

const STEPS_MAX = 64

/** Whether an operand is `data` or what lookups and scans found in it; `writerOf` is the one statement that writes a local. */
export function isBaseDocument(operand: Operand, writerOf: (local: Local) => Stmt | undefined): boolean {
  let found = operand
  for (let steps = 0; steps < STEPS_MAX; steps++) {
    if (found.kind !== 'local') return false
    if (found.value === DATA) return true
    const writer = writerOf(found.value)
    if (writer?.kind === 'DotStmt') found = writer.source
    else if (writer?.kind === 'ScanStmt' && writer.value === found.value)
      found = { kind: 'local', value: writer.source }
    else return false
  }
  return false
}

/** Whether what is looked up under an operand can be found under another name: names that are no digits cannot. */
export function hasTwoNames(key: Operand, strings: readonly string[]): boolean {
  if (key.kind === 'bool') return false
  return key.kind === 'local' || isIndex(strings[key.value] ?? '')
}

const INDEX_DIGITS_MAX = 9

/** Whether a text is read as an index. */
export function isIndex(text: string): boolean {
  return text !== '' && text.length <= INDEX_DIGITS_MAX && [...text].every((digit) => digit >= '0' && digit <= '9')
}
