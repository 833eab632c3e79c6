import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { readArchive } from '../../bundles/format/archive.ts'
import { BundleError } from '../../bundles/format/error.ts'
import { readFolder } from '../../bundles/format/folder.ts'
import { bundleLimits } from '../../bundles/format/limits.ts'
import { writeArchive, writeArchiveAside } from '../../bundles/format/write.ts'

const file = (path: string, text: string) => ({ path, bytes: Buffer.from(text) })
const refusedAs = (code: string) => (error: unknown) => error instanceof BundleError && error.code === code

/** An archive with one header block changed, its checksum made right again. */
function withHeader(change: (block: Buffer) => void): Uint8Array {
  const tar = gunzipSync(writeArchive([file('a.rego', 'package a')]))
  const block = tar.subarray(0, 512)
  change(block)
  block.write('        ', 148, 'latin1')
  let sum = 0
  for (const byte of block) sum += byte
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return gzipSync(tar)
}

test('reads back what it writes, however the bytes are split', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(
        fc.record({
          path: fc.stringMatching(/^[a-z]{1,60}(\/[a-z]{1,60}){0,3}\.rego$/),
          bytes: fc.uint8Array({ maxLength: 2000 }),
        }),
        {
          selector: (item) => item.path,
          maxLength: 5,
        },
      ),
      fc.integer({ min: 1, max: 700 }),
      async (files, step) => {
        const archive = writeArchive(files)
        const chunks = Array.from({ length: Math.ceil(archive.length / step) }, (_, index) =>
          archive.subarray(index * step, (index + 1) * step),
        )
        const read = await readArchive(chunks)
        assert.deepEqual(
          read.map((item) => [item.path, Buffer.from(item.bytes).toString('hex')]).sort(),
          files.map((item) => [item.path, Buffer.from(item.bytes).toString('hex')]).sort(),
        )
      },
    ),
    { numRuns: 60 },
  )
})

test('the same files in any order give the same bytes', () => {
  const files = [file('b/data.json', '{}'), file('a.rego', 'package a'), file('.manifest', '{}')]
  assert.deepEqual(writeArchive(files), writeArchive([...files].reverse()))
})

test('refuses every path that could lie elsewhere', async () => {
  for (const name of ['../a', '/../a', 'a/../../b', 'a//b', 'a/./b', 'c:\\x', 'a\\b', '..', '/', './', 'a\u0001b']) {
    await assert.rejects(
      readArchive([withHeader((block) => block.fill(0, 0, 100).write(name, 0, 'latin1'))]),
      refusedAs('bad_path'),
      name,
    )
  }
})

test('refuses links, devices and a wrong checksum', async () => {
  for (const type of ['1', '2'])
    await assert.rejects(readArchive([withHeader((block) => block.write(type, 156))]), refusedAs('link'))
  for (const type of ['3', '4', '6', '7', 'S', 'K']) {
    await assert.rejects(readArchive([withHeader((block) => block.write(type, 156))]), refusedAs('special_file'))
  }
  const tar = gunzipSync(writeArchive([file('a.rego', 'package a')]))
  tar[0] = 98
  await assert.rejects(readArchive([gzipSync(tar)]), refusedAs('bad_tar'))
})

test('refuses a second file of the same name, with and without its slash', async () => {
  const one = gunzipSync(writeArchive([file('a.rego', 'package a')]))
  const twice = gzipSync(Buffer.concat([one.subarray(0, 1024), one]))
  await assert.rejects(readArchive([twice]), refusedAs('duplicate_entry'))
})

test('refuses an archive cut anywhere', async () => {
  const archive = writeArchive([file('a.rego', 'package a\n'.repeat(50))])
  for (let length = 0; length < archive.length; length++) {
    await assert.rejects(readArchive([archive.subarray(0, length)]), BundleError)
  }
})

test('refuses bytes after the end marker', async () => {
  const tar = gunzipSync(writeArchive([file('a.rego', 'package a')]))
  await assert.rejects(readArchive([gzipSync(Buffer.concat([tar, Buffer.alloc(512, 1)]))]), refusedAs('bad_tar'))
})

test('stops a decompression bomb and names each limit', async () => {
  const bomb = gzipSync(Buffer.alloc(8 * 1024 * 1024))
  await assert.rejects(readArchive([bomb]), refusedAs('ratio_too_high'))
  const archive = writeArchive([file('a/b/c.rego', 'package a'), file('d.rego', 'package d')])
  await assert.rejects(readArchive([archive], { ...bundleLimits, archiveBytesMax: 10 }), refusedAs('archive_too_large'))
  await assert.rejects(readArchive([archive], { ...bundleLimits, fileBytesMax: 8 }), refusedAs('file_too_large'))
  await assert.rejects(
    readArchive([archive], { ...bundleLimits, unpackedBytesMax: 12 }),
    refusedAs('archive_too_large'),
  )
  await assert.rejects(readArchive([archive], { ...bundleLimits, entriesMax: 1 }), refusedAs('too_many_entries'))
  await assert.rejects(readArchive([archive], { ...bundleLimits, pathBytesMax: 8 }), refusedAs('path_too_long'))
  await assert.rejects(readArchive([archive], { ...bundleLimits, pathDepthMax: 2 }), refusedAs('path_too_deep'))
  await assert.rejects(readArchive([Buffer.from('hello')]), refusedAs('not_gzip'))
  await assert.rejects(readArchive([]), refusedAs('not_gzip'))
})

test('reads a folder sorted, and refuses a link in it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bundle-'))
  mkdirSync(join(folder, 'b'))
  writeFileSync(join(folder, 'b', 'x.rego'), 'package b')
  writeFileSync(join(folder, 'a.rego'), 'package a')
  assert.deepEqual(
    (await readFolder(folder)).map((item) => item.path),
    ['a.rego', 'b/x.rego'],
  )
  symlinkSync('/etc/passwd', join(folder, 'z.rego'))
  await assert.rejects(readFolder(folder), refusedAs('link'))
  await assert.rejects(readFolder(join(folder, 'none')), refusedAs('unreadable'))
})

test('reads a volume of Kubernetes as it is now, and no link that leads elsewhere', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bundle-'))
  const version = (name: string, text: string): void => {
    mkdirSync(join(folder, name, 'lib'), { recursive: true })
    writeFileSync(join(folder, name, 'a.rego'), text)
    writeFileSync(join(folder, name, 'lib', 'b.rego'), text)
    symlinkSync(name, join(folder, '..data_tmp'))
  }
  const swap = (): void => renameSync(join(folder, '..data_tmp'), join(folder, '..data'))
  const read = async (): Promise<readonly string[]> =>
    (await readFolder(folder)).map(({ path, bytes }) => `${path} ${Buffer.from(bytes)}`)
  version('..2026_01_01', 'one')
  swap()
  for (const name of ['a.rego', 'lib']) symlinkSync(`..data/${name}`, join(folder, name))
  assert.deepEqual(await read(), ['a.rego one', 'lib/b.rego one'])
  version('..2026_01_02', 'two')
  assert.deepEqual(await read(), ['a.rego one', 'lib/b.rego one'], 'what is about to come is not there yet')
  swap()
  assert.deepEqual(await read(), ['a.rego two', 'lib/b.rego two'])
  writeFileSync(join(folder, 'own.rego'), 'own')
  assert.deepEqual(await read(), ['a.rego two', 'lib/b.rego two', 'own.rego own'])
  symlinkSync('own.rego', join(folder, 'z.rego'))
  await assert.rejects(readFolder(folder), refusedAs('link'))
  unlinkSync(join(folder, 'z.rego'))
  symlinkSync('/etc/passwd', join(folder, '..2026_01_02', 'p.rego'))
  symlinkSync('..data/p.rego', join(folder, 'p.rego'))
  await assert.rejects(readFolder(folder), refusedAs('link'))
  unlinkSync(join(folder, 'p.rego'))
  symlinkSync('/etc', join(folder, '..data_tmp'))
  swap()
  await assert.rejects(readFolder(folder), refusedAs('link'))
})

test('a volume that is replaced while it is read is read as one version', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bundle-'))
  const names = Array.from({ length: 40 }, (_, at) => `f${at}.rego`)
  for (const version of ['..one', '..two']) {
    mkdirSync(join(folder, version))
    for (const name of names) writeFileSync(join(folder, version, name), version)
  }
  symlinkSync('..one', join(folder, '..data'))
  for (const name of names) symlinkSync(`..data/${name}`, join(folder, name))
  for (let round = 0; round < 20; round++) {
    const reading = readFolder(folder)
    await new Promise((done) => setTimeout(done, round % 5))
    symlinkSync(round % 2 === 0 ? '..two' : '..one', join(folder, '..data_tmp'))
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'))
    const files = await reading
    assert.deepEqual([files.length, new Set(files.map(({ bytes }) => String(bytes))).size], [40, 1])
  }
})

/** An archive of one file whose name is told by the pax records before it. */
function withPax(...records: readonly (readonly [key: string, value: string])[]): Uint8Array {
  const body = Buffer.concat(
    records.map(([key, value]) => {
      const rest = Buffer.from(` ${key}=${value}\n`, 'latin1')
      const length = [1, 2, 3]
        .map((digits) => rest.length + digits)
        .find((one) => `${one}`.length + rest.length === one)
      return Buffer.concat([Buffer.from(String(length)), rest])
    }),
  )
  const tar = gunzipSync(writeArchive([{ path: 'pax', bytes: body }, file('x.rego', 'package x')]))
  const at = tar.indexOf('/pax\0')
  tar[at + 156] = 'x'.charCodeAt(0)
  tar.write('        ', at + 148, 'latin1')
  let sum = 0
  for (const byte of tar.subarray(at, at + 512)) sum += byte
  tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + 148, 'latin1')
  // The header stands before the file that it is of.
  const file0 = tar.subarray(0, 1024)
  const pax = tar.subarray(1024, 2048)
  return gzipSync(at === 0 ? tar : Buffer.concat([pax, file0, tar.subarray(2048)]))
}

test('a pax header names the file behind it, and what else it holds need not be text', async () => {
  const files = await readArchive([withPax(['SCHILY.xattr.user.seen', '\xff\xfe\0'], ['path', '/a/long.rego'])])
  assert.deepEqual(
    files.map(({ path }) => path),
    ['a/long.rego'],
  )
  await assert.rejects(readArchive([withPax(['path', '/a.rego\0.txt'])]), refusedAs('bad_path'))
  await assert.rejects(readArchive([withPax(['path', '\xff.rego'])]), refusedAs('bad_path'))
  await assert.rejects(readArchive([withPax(['size', '3'])]), refusedAs('bad_tar'))
})

test('times in headers of older formats are no part of names', async () => {
  const gnu = withHeader((block) => {
    block.write('ustar  \0', 257, 'latin1')
    block.write('14000000000\x0014000000000\0', 345, 'latin1')
  })
  const star = withHeader((block) => {
    block.write('14000000000\x0014000000000\0', 476, 'latin1')
    block.write('tar\0', 508, 'latin1')
    block.write('b', 345, 'latin1')
    block.write('a.rego\0', 0, 'latin1')
  })
  const names = async (archive: Uint8Array): Promise<readonly string[]> =>
    (await readArchive([archive])).map(({ path }) => path)
  assert.deepEqual(await names(gnu), ['a.rego'])
  assert.deepEqual(await names(star), ['b/a.rego'])
})

test('refuses a number that goes on behind its end', async () => {
  await assert.rejects(
    readArchive([withHeader((block) => block.write('0000000 11\0 ', 124, 'latin1'))]),
    refusedAs('bad_tar'),
  )
})

test('an archive that is packed aside has the same bytes', async () => {
  const files = [file('a.rego', 'package a'), file('data.json', JSON.stringify({ a: 'x'.repeat(5000) }))]
  assert.deepEqual(Buffer.from(await writeArchiveAside(files)), Buffer.from(writeArchive(files)))
})
