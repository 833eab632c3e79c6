// A file as a client may see it: read whole and masked as one text, so that neither offsets nor the order of reads let a
// value through.
import type { Egress } from '../egress.ts'
import { decodeData, headOf, types } from './messages.ts'

/** Bytes of a file that is masked; a larger one is not read. */
export const maskedBytesMax: number = 16 * 1024 * 1024
const readBytes = 32 * 1024

/** Reads a file to its end through a mask; undefined when it is too large or cannot be read. */
export async function maskedCopy(
  egress: Egress,
  read: (offset: bigint, length: number) => Promise<Buffer>,
): Promise<Buffer | undefined> {
  const parts: Buffer[] = []
  let offset = 0
  for (;;) {
    const answer = await read(BigInt(offset), readBytes)
    const { type } = headOf(answer)
    if (type === types.status) break
    if (type !== types.data) return undefined
    const bytes = decodeData(answer)
    offset += bytes.length
    if (bytes.length === 0 || offset > maskedBytesMax) return undefined
    parts.push(Buffer.from(egress.push(bytes)))
  }
  parts.push(egress.end())
  return Buffer.concat(parts)
}
