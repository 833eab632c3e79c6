// Folders are made with those they are in, once, and where none can be made that is told and not tried for ever.
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { makeFolder, makeFolderSoon } from '../../bundles/store/make-folder.ts'

const place = mkdtempSync(join(tmpdir(), 'folders-'))
after(() => rmSync(place, { recursive: true }))

const ways: { readonly [name: string]: (path: string, mode?: number) => Promise<void> } = {
  makeFolder: async (path, mode) => makeFolder(path, mode),
  makeFolderSoon,
}
for (const [name, make] of Object.entries(ways)) {
  test(`${name}: a folder, those above it, and one that is there`, async () => {
    const path = join(place, name, 'a', 'b')
    await Promise.all([make(path, 0o700), make(path, 0o700)])
    await make(path, 0o700)
    assert.equal(statSync(path).mode & 0o777, 0o700)
  })

  test(`${name}: where a file stands, and below one, is said`, async () => {
    const file = join(place, `${name}-file`)
    writeFileSync(file, '')
    await assert.rejects(make(file), { code: 'EEXIST' })
    await assert.rejects(make(join(file, 'a')), { code: 'ENOTDIR' })
  })

  test(`${name}: a folder that takes none is said`, { skip: !existsSync('/proc/self') }, async () => {
    await assert.rejects(make('/proc/nothing/a'), { code: 'ENOENT' })
  })
}
