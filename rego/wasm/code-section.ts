// Code: the runtime's bodies as they are, the policy's behind them.
import { ByteReader, ByteWriter } from './bytes.ts'
import { vector } from './sections.ts'

const I32 = 0x7f

/** The bodies of a code section, each with its length before it. */
export function readCode(body: Uint8Array): Uint8Array[] {
  const reader = new ByteReader(body)
  const bodies: Uint8Array[] = []
  for (let count = reader.u32(); count > 0; count--) {
    const start = reader.at
    reader.take(reader.u32())
    bodies.push(body.slice(start, reader.at))
  }
  return bodies
}

/** A function's body: so many i32 locals besides its parameters, and its instructions with their end. */
export function encodeBody(locals: number, instructions: Uint8Array): Uint8Array {
  const body = new ByteWriter()
  if (locals === 0) body.u32(0)
  else body.u32(1).u32(locals).byte(I32)
  return new ByteWriter().sized(body.bytes(instructions).finish()).finish()
}

/** The section's body. */
export function encodeCode(bodies: readonly Uint8Array[]): Uint8Array {
  return vector(bodies)
}
