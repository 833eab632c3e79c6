// Writes bundle files as `.tar.gz`: the same content gives the same bytes, whoever builds it and when.
import { promisify } from 'node:util'
import { gzip, gzipSync } from 'node:zlib'
import { BundleError } from './error.ts'
import { bundleLimits } from './limits.ts'
import { checkPath } from './paths.ts'
import type { BundleFile } from './tar.ts'

const blockBytes = 512

/** The archive of these files. OPA's order: data, modules, wasm, signatures, plan, and the manifest last. */
export function writeArchive(files: readonly BundleFile[]): Uint8Array {
  return sealed(gzipSync(tarOf(files), { level: 9 }))
}

/** The same bytes, packed on a thread aside: packing takes longer than all else, and a gateway answers meanwhile. */
export async function writeArchiveAside(files: readonly BundleFile[]): Promise<Uint8Array> {
  return sealed(await packAside(tarOf(files), { level: 9 }))
}

const packAside = promisify<Uint8Array, { readonly level: number }, Buffer>(gzip)

/** RFC 1952 2.3.1: byte 9 names the operating system that wrote the file, which must not show here. */
function sealed(packed: Buffer): Uint8Array {
  packed[9] = 255
  return packed
}

function tarOf(files: readonly BundleFile[]): Uint8Array {
  const seen = new Set<string>()
  const blocks: Uint8Array[] = []
  for (const file of [...files].sort(byRankThenPath)) {
    const path = checkPath(file.path, bundleLimits)
    if (seen.has(path)) throw new BundleError('duplicate_entry', `${JSON.stringify(path)} is in the bundle twice`)
    seen.add(path)
    blocks.push(...entry(`/${path}`, file.bytes))
  }
  blocks.push(new Uint8Array(2 * blockBytes))
  return Buffer.concat(blocks)
}

function rank(path: string): number {
  if (path.endsWith('data.json')) return 0
  if (path.endsWith('.rego')) return 1
  if (path.endsWith('.wasm')) return 2
  if (path === '.signatures.json') return 3
  if (path === 'plan.json') return 4
  return path === '.manifest' ? 6 : 5
}

function byRankThenPath(a: BundleFile, b: BundleFile): number {
  return rank(a.path) - rank(b.path) || (a.path < b.path ? -1 : 1)
}

function entry(path: string, bytes: Uint8Array): readonly Uint8Array[] {
  const encoded = Buffer.from(path)
  const blocks: Uint8Array[] = []
  if (encoded.length > 100) {
    const record = paxRecord('path', path)
    blocks.push(header('././@PaxHeader', record.length, 'x'), padded(record))
  }
  blocks.push(
    header(
      encoded.length > 100 ? encoded.subarray(0, 100).toString('latin1') : encoded.toString('latin1'),
      bytes.length,
      '0',
    ),
    padded(bytes),
  )
  return blocks
}

function paxRecord(key: string, value: string): Uint8Array {
  const rest = Buffer.byteLength(` ${key}=${value}\n`)
  let length = rest + String(rest).length
  if (String(length).length > String(rest).length) length = rest + String(length).length
  return Buffer.from(`${length} ${key}=${value}\n`)
}

/** A ustar header; `name` is given in Latin-1, byte for byte. */
function header(name: string, size: number, type: '0' | 'x'): Uint8Array {
  const block = Buffer.alloc(blockBytes)
  block.write(name, 0, 100, 'latin1')
  block.write('0000600\0', 100, 'latin1')
  block.write('0000000\0', 108, 'latin1')
  block.write('0000000\0', 116, 'latin1')
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 'latin1')
  block.write('00000000000\0', 136, 'latin1')
  block.write('        ', 148, 'latin1')
  block.write(type, 156, 'latin1')
  block.write('ustar\0' + '00', 257, 'latin1')
  let sum = 0
  for (const byte of block) sum += byte
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return block
}

function padded(bytes: Uint8Array): Uint8Array {
  const rest = bytes.length % blockBytes
  if (rest === 0) return bytes
  const block = new Uint8Array(bytes.length + blockBytes - rest)
  block.set(bytes)
  return block
}
