// A file as a client may see it: read whole and masked as one text, so that neither offsets nor the order of reads let a
// value through. Names are texts of the host's, too: whoever may not see a value could have a file or a link named by it.
import type { Egress } from '../egress.ts'
import { decodeData, decodeNames, encodeNames, headOf, types } from './messages.ts'

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

/** An answer of names, of a folder or of what a link says, as a client may see it. */
export function maskedNames(answer: Buffer, open: () => Egress): Buffer {
  const { type, id } = headOf(answer)
  if (type !== types.name) return answer
  const shown = (bytes: Buffer): Buffer => {
    const egress = open()
    // What was pushed is the mask's until it ends.
    return Buffer.concat([egress.push(Buffer.from(bytes)), egress.end()])
  }
  const names = decodeNames(answer).map(({ name, line, attributes }) => {
    const before = line.length - name.length
    const isBehind = before >= 0 && line.subarray(before).equals(name)
    const seen = shown(name)
    const seenLine = isBehind ? Buffer.concat([shown(line.subarray(0, before)), seen]) : shown(line)
    return { name: seen, line: seenLine, attributes }
  })
  return encodeNames(id, names)
}

/** Whether a real path says no more than its client, but for the folder that it begins in. */
export function saysAsked({ path, asked }: { readonly path: string; readonly asked: string }): boolean {
  return path === asked || asked === '.' || asked === '' || (!asked.startsWith('/') && path.endsWith(`/${asked}`))
}
