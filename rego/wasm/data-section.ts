// Data: the runtime's segments, and one of the policy's constants. Segments of zeros are left out: memory is zero.
import { ByteReader, ByteWriter } from './bytes.ts'
import { vector } from './sections.ts'

const I32_CONST = 0x41
const END = 0x0b

/** Room for what stands before a segment's bytes. */
const HEAD_BYTES = 16

/** One active segment. */
export interface Segment {
  readonly address: number
  readonly bytes: Uint8Array
}

/** The active segments of a data section; throws RangeError at any other kind. */
export function readData(body: Uint8Array): Segment[] {
  const reader = new ByteReader(body)
  const segments: Segment[] = []
  for (let count = reader.u32(); count > 0; count--) {
    if (reader.u32() !== 0 || reader.byte() !== I32_CONST) throw new RangeError('a segment that is not active')
    const address = reader.s32()
    if (reader.byte() !== END) throw new RangeError('a segment without a constant address')
    segments.push({ address, bytes: reader.take(reader.u32()) })
  }
  return segments
}

/** The body of a data section. */
export function encodeData(segments: readonly Segment[]): Uint8Array {
  return vector(
    segments
      .filter(({ bytes }) => !isZero(bytes))
      .map(({ address, bytes }) =>
        new ByteWriter(bytes.length + HEAD_BYTES).byte(0).byte(I32_CONST).s32(address).byte(END).sized(bytes).view(),
      ),
  )
}

function isZero(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== 0) return false
  return true
}
