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

/** What stands before so many bytes of instructions: how long the body is, and its i32 locals besides the parameters. */
export function bodyHead(locals: number, instructions: number): Uint8Array {
  const declared = new ByteWriter()
  if (locals === 0) declared.u32(0)
  else declared.u32(1).u32(locals).byte(I32)
  return new ByteWriter()
    .u32(declared.length + instructions)
    .bytes(declared.view())
    .view()
}

/** The section's body. */
export function encodeCode(bodies: readonly Uint8Array[]): Uint8Array {
  return vector(bodies)
}
