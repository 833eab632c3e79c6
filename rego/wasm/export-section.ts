// Exports: read from the runtime by name, written for hosts.
import { ByteReader, ByteWriter } from './bytes.ts'

/** What an export is. */
export const EXPORT = { function: 0, memory: 2, global: 3 } as const

/** One export. */
export interface Export {
  readonly name: string
  readonly kind: number
  readonly index: number
}

/** Reads an export section. */
export function readExports(body: Uint8Array): Export[] {
  const reader = new ByteReader(body)
  const exports: Export[] = []
  for (let count = reader.u32(); count > 0; count--) {
    exports.push({ name: reader.name(), kind: reader.byte(), index: reader.u32() })
  }
  return exports
}

/** The body of an export section. */
export function encodeExports(exports: readonly Export[]): Uint8Array {
  const writer = new ByteWriter().u32(exports.length)
  for (const { name, kind, index } of exports) writer.name(name).byte(kind).u32(index)
  return writer.finish()
}
