// The tamper matrix: every way to change a recordings folder that somebody with write access has, tried one by one.
import { generateKeyPairSync } from 'node:crypto'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeCheckpoint, signerFromPem } from '../../proxy/recording/checkpoint.ts'
import { beginFrame, decodeSegment, endFrame } from '../../proxy/recording/frame.ts'
import { frameTypes } from '../../proxy/recording/frame-types.ts'
import { type SignatureChecker, verifyRecordings } from '../../proxy/recording/index.ts'
import { recorderForTest, recordSession } from './recordings.ts'

/** What came of it. */
export interface Matrix {
  readonly changes: number
  /** Changes that verifying did not find. */
  readonly missed: readonly string[]
  /** Changes that took the last line of the second copy of the heads: told, and nothing is lost by them. */
  readonly redundant: number
}

const first = join('sessions', 's-1', '000000.segment')
const second = join('sessions', 's-2', '000000.segment')
const heads = join('log', 'heads')

/** Tries everything, flips and cuts at every `step`th byte. */
export async function tamperMatrix(step: number): Promise<Matrix> {
  const { recorder, folder: original, checker } = recorderForTest({ segmentBytes: 3000 })
  await recordSession(recorder.open('s-1'), 3)
  await recordSession(recorder.open('s-2'), 3)
  await recorder.close()
  const copy = mkdtempSync(join(tmpdir(), 'tampered-'))
  cpSync(original, copy, { recursive: true })
  const matrix = new Tampering(original, copy, checker)
  if (!verifyRecordings(copy, checker).whole) throw new Error('what nobody touched is not whole')
  for (const file of [first, join('log', 'leaves'), heads]) bytesOf(matrix, file, step)
  framesOf(matrix)
  matrix.expect('segments exchanged between sessions', [first, second], () => {
    writeFileSync(join(copy, first), readFileSync(join(original, second)))
    writeFileSync(join(copy, second), readFileSync(join(original, first)))
  })
  for (const path of [first, join('sessions', 's-1'), join('sessions', 's-2'), 'log', join('log', 'leaves'), heads])
    matrix.expect(`${path} removed`, [path], () => rmSync(join(copy, path), { recursive: true }))
  leavesOf(matrix)
  rmSync(copy, { recursive: true })
  rmSync(original, { recursive: true })
  return matrix
}

/** Changes a copy, looks, and puts back what was there. */
class Tampering implements Matrix {
  readonly original: string
  readonly copy: string
  readonly missed: string[] = []
  changes = 0
  redundant = 0
  readonly #checker: SignatureChecker

  constructor(original: string, copy: string, checker: SignatureChecker) {
    this.original = original
    this.copy = copy
    this.#checker = checker
  }

  bytes(file: string): Buffer {
    return readFileSync(join(this.original, file))
  }

  expect(name: string, touched: readonly string[], change: () => void): void {
    this.changes++
    change()
    const { whole, findings } = verifyRecordings(this.copy, this.#checker)
    const isOfHeads = touched.length === 1 && touched[0] === heads
    if (whole && isOfHeads && findings.some(({ session, what }) => session === '' && what === 'open')) this.redundant++
    else if (whole) this.missed.push(name)
    for (const path of touched) {
      if (existsSync(join(this.copy, path))) rmSync(join(this.copy, path), { recursive: true })
      cpSync(join(this.original, path), join(this.copy, path), { recursive: true })
    }
  }

  replace(name: string, file: string, bytes: Uint8Array): void {
    this.expect(name, [file], () => writeFileSync(join(this.copy, file), bytes))
  }
}

function bytesOf(matrix: Tampering, file: string, step: number): void {
  const bytes = matrix.bytes(file)
  for (let at = 0; at < bytes.length; at += step) {
    const flipped = Buffer.from(bytes)
    flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8))
    matrix.replace(`${file}: byte ${at} flipped`, file, flipped)
    matrix.replace(`${file}: cut to ${at}`, file, bytes.subarray(0, at))
  }
  matrix.replace(`${file}: without its last byte`, file, bytes.subarray(0, -1))
  matrix.replace(`${file}: one byte more`, file, Buffer.concat([bytes, Buffer.from('\n')]))
}

function framesOf(matrix: Tampering): void {
  const whole = matrix.bytes(first)
  const { frames } = decodeSegment(whole)
  const pieces = frames.map((frame, index) => whole.subarray(frame.offset, frames[index + 1]?.offset ?? whole.length))
  const header = whole.subarray(0, frames[0]?.offset)
  const replace = (name: string, list: readonly Uint8Array[]): void =>
    matrix.replace(name, first, Buffer.concat([header, ...list]))
  for (const [index, piece] of pieces.entries()) {
    replace(
      `frame ${index} dropped`,
      pieces.filter((_, at) => at !== index),
    )
    replace(
      `frame ${index} doubled`,
      pieces.flatMap((one, at) => (at === index ? [one, piece] : [one])),
    )
    for (let other = index + 1; other < pieces.length; other++)
      replace(
        `frames ${index} and ${other} swapped`,
        pieces.map((one, at) => (at === index ? (pieces[other] ?? one) : at === other ? piece : one)),
      )
  }
  piecesOf(matrix, whole)
  const last = frames.at(-1)
  const before = frames.at(-2)
  if (last?.type !== frameTypes.checkpoint || before === undefined) throw new Error('the segment has no checkpoint')
  const stranger = signerFromPem(
    `${generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })}`,
  )
  const body = encodeCheckpoint(JSON.parse(Buffer.from(last.body.subarray(64)).toString()), stranger)
  const frame = beginFrame(before.hash, frameTypes.checkpoint, last.firstSequence, 0, body.length)
  frame.body.set(body)
  replace('the checkpoint signed again with another key', [...pieces.slice(0, -1), endFrame(frame)])
}

/** What was handed over one by one, within each frame: dropped, doubled, and exchanged with every later one. */
function piecesOf(matrix: Tampering, whole: Buffer): void {
  const bodies = decodeSegment(whole).frames.flatMap(({ pieces }) => pieces?.map(({ body }) => body) ?? [])
  const places = bodies.map((body) => {
    const end = body.byteOffset - whole.byteOffset + body.length
    return { start: end - body.length - pieceHeadBytes, end }
  })
  if (places.length < 4) throw new Error('the segment has no pieces')
  const between = (from: number, to: number): Buffer => whole.subarray(from, to)
  for (const [index, { start, end }] of places.entries()) {
    const replace = (name: string, ...parts: readonly Buffer[]): void =>
      matrix.replace(`piece ${index} ${name}`, first, Buffer.concat(parts))
    replace('dropped', between(0, start), between(end, whole.length))
    replace('doubled', between(0, end), between(start, whole.length))
    for (const other of places.slice(index + 1))
      replace(
        'swapped',
        between(0, start),
        between(other.start, other.end),
        between(end, other.start),
        between(start, end),
        between(other.end, whole.length),
      )
  }
}

/** Type, count and length. */
const pieceHeadBytes = 9

function leavesOf(matrix: Tampering): void {
  const leaves = join('log', 'leaves')
  const lines = matrix.bytes(leaves).toString().split('\n').slice(0, -1)
  for (const [index, line] of lines.entries()) {
    const put = (name: string, list: readonly string[]): void =>
      matrix.replace(`leaf ${index} ${name}`, leaves, Buffer.from(`${list.join('\n')}\n`))
    put(
      'dropped',
      lines.filter((_, at) => at !== index),
    )
    put(
      'doubled',
      lines.flatMap((one, at) => (at === index ? [one, line] : [one])),
    )
    if (index > 0)
      put(
        'moved up',
        lines.map((one, at) => (at === index ? (lines[index - 1] ?? one) : at === index - 1 ? line : one)),
      )
  }
}
