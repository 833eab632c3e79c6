// A followed SFTP session: what is judged, what reaches the host, what is refused and how.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ActionDocument } from '../../../../engine/action/index.ts'
import { types } from '../../../../proxy/ssh/sftp/messages.ts'
import { results } from '../../../support/gate.ts'
import { packet, type SftpTable, sftpTable, statusOf, tooLong } from '../../../support/sftp-host.ts'

const [readFlag, writeFlag, createFlag] = [1, 2, 8]
const noAttributes = 0

/** Everything that was judged after the connection, as `verb path`. */
function watch(table: SftpTable, allows: (file: NonNullable<ActionDocument['action']['shell']>['file']) => boolean) {
  const judged: ActionDocument['action'][] = []
  table.gate.live.answer = (input) => {
    const { action } = input as ActionDocument
    if (action.operation === 'connect') return results.allow
    judged.push(action)
    return allows(action.shell?.file) ? results.allow : results.deny
  }
  return judged
}

async function openFile(table: SftpTable, path: string, flags = readFlag, id = 10): Promise<string> {
  const answer = await table.ask(packet(types.open, id, path, flags, noAttributes))
  assert.equal(answer.type, types.handle, answer.body.toString())
  return answer.body.subarray(4).toString()
}

test('a file is judged at its real place, and opened there', async () => {
  const table = await sftpTable()
  table.real.set('/srv/link/../x', '/etc/passwd')
  const judged = watch(table, () => true)
  await openFile(table, '/srv/link/../x', readFlag | writeFlag | createFlag)
  const { operation, verb, complete, shell, text } = judged[0] ?? {}
  assert.deepEqual([operation, verb, complete, text], ['sftp', 'write', true, 'open /etc/passwd (read write create)'])
  assert.deepEqual(shell?.file, {
    verb: 'open',
    path: '/etc/passwd',
    asked: '/srv/link/../x',
    flags: ['read', 'write', 'create'],
  })
  const [opened] = table.asked
  assert.equal(opened?.kind === 'open' ? opened.path.toString() : '', '/etc/passwd')
})

test('what is refused answers permission denied with rule and decision, and never reaches the host', async () => {
  const table = await sftpTable()
  watch(table, (file) => file?.path.startsWith('/srv/') ?? false)
  table.real.set('/srv/../etc/shadow', '/etc/shadow')
  const attributes = [4, 0o4755] as const
  const requests: readonly Buffer[] = [
    packet(types.open, 1, '/srv/../etc/shadow', readFlag, noAttributes),
    packet(types.opendir, 2, '/etc'),
    packet(types.lstat, 3, '/etc/shadow'),
    packet(types.stat, 4, '/etc/shadow'),
    packet(types.setstat, 5, '/etc/shadow', ...attributes),
    packet(types.mkdir, 6, '/etc/x', noAttributes),
    packet(types.remove, 7, '/etc/x'),
    packet(types.rmdir, 8, '/etc/x'),
    packet(types.readlink, 9, '/etc/x'),
    packet(types.rename, 10, '/etc/x', '/srv/x'),
    packet(types.symlink, 11, '/srv/x', '/etc/x'),
    packet(types.realpath, 12, '/etc/x'),
    packet(types.extended, 13, 'posix-rename@openssh.com', '/etc/x', '/srv/x'),
    packet(types.extended, 14, 'hardlink@openssh.com', '/etc/x', '/srv/x'),
    packet(types.extended, 15, 'lsetstat@openssh.com', '/etc/x', ...attributes),
    packet(types.extended, 16, 'statvfs@openssh.com', '/etc/x'),
  ]
  for (const request of requests) {
    const { code, message } = statusOf(await table.ask(request))
    assert.equal(code, 3)
    assert.match(message, /^sallyport: not this \(rule p\.no, decision id-\d+\)$/)
  }
  assert.deepEqual(table.asked, [])
  assert.equal(statusOf(await table.ask(packet(types.mkdir, 17, '/srv/new', noAttributes))).code, 0)
})

test('renames and links are judged by both of their ends', async () => {
  const table = await sftpTable()
  const judged = watch(table, (file) => !file?.target?.startsWith('/etc'))
  assert.equal(statusOf(await table.ask(packet(types.rename, 1, '/srv/a', '/srv/b'))).code, 0)
  assert.deepEqual(judged[0]?.shell?.file, { verb: 'rename', path: '/srv/a', target: '/srv/b', flags: [] })
  assert.equal(statusOf(await table.ask(packet(types.rename, 2, '/srv/a', '/etc/cron.d/b'))).code, 3)
  table.real.set('/srv/dir/../../etc/passwd', '/etc/passwd')
  assert.equal(statusOf(await table.ask(packet(types.symlink, 3, '../../etc/passwd', '/srv/dir/l'))).code, 3)
  assert.deepEqual(judged[2]?.shell?.file, { verb: 'symlink', path: '/srv/dir/l', target: '/etc/passwd', flags: [] })
  assert.equal(statusOf(await table.ask(packet(types.symlink, 4, 'other', '/srv/dir/l'))).code, 0)
  const sent = table.asked.at(-1)
  assert.deepEqual(sent?.kind === 'symlink' ? [sent.path.toString(), sent.target.toString()] : [], [
    '/srv/dir/l',
    'other',
  ])
})

test('a link itself is judged where it lies, not where it leads', async () => {
  const table = await sftpTable()
  table.real.set('/srv/link', '/etc/passwd').set('/srv/up', '/var/up')
  const judged = watch(table, () => true)
  await table.ask(packet(types.remove, 1, '/srv/link'))
  await table.ask(packet(types.lstat, 2, '/srv/link'))
  await table.ask(packet(types.stat, 3, '/srv/link'))
  await table.ask(packet(types.remove, 4, '/srv/up/file'))
  assert.deepEqual(
    judged.map(({ text }) => text),
    ['remove /srv/link', 'lstat /srv/link', 'stat /etc/passwd', 'remove /var/up/file'],
  )
})

test('a link that is swapped while a file is opened is found, and the file closed', async () => {
  const table = await sftpTable()
  watch(table, (file) => file?.path.startsWith('/srv/') ?? false)
  table.real.set('/srv/file', ['/srv/file', '/etc/shadow'])
  const { code, message } = statusOf(await table.ask(packet(types.open, 1, '/srv/file', readFlag, noAttributes)))
  assert.deepEqual([code, message], [3, 'sallyport: the path changed while it was opened'])
  assert.deepEqual(
    table.asked.map(({ kind }) => kind),
    ['open', 'close'],
  )
})

test('a path with a NUL, of wrong UTF-8 or without end is refused unseen', async () => {
  const table = await sftpTable()
  const judged = watch(table, () => true)
  const bad = [
    Buffer.from('/srv/a\0/../../etc'),
    Buffer.from([0x2f, 0xc0, 0xaf]),
    Buffer.from([0x2f, 0xed, 0xa0, 0x80]),
    Buffer.alloc(5000, 'a'),
  ]
  for (const path of bad) {
    assert.equal(statusOf(await table.ask(packet(types.open, 1, path, readFlag, noAttributes))).code, 3)
    assert.equal(statusOf(await table.ask(packet(types.rename, 2, '/srv/a', path))).code, 3)
  }
  assert.deepEqual([judged, table.asked], [[], []])
})

test('names are judged as they are written: no letter is taken for another', async () => {
  const table = await sftpTable()
  const judged = watch(table, () => true)
  const names = ['/srv/caf\u00e9', '/srv/cafe\u0301', '/srv/\uff0e\uff0e/x', '/srv/\u202etxt.exe', '/srv/\ufeffx']
  for (const name of names) await table.ask(packet(types.lstat, 1, name))
  assert.deepEqual(
    judged.map(({ shell }) => shell?.file?.path),
    names,
  )
  assert.deepEqual(
    table.asked.map((request) => (request.kind === 'lstat' ? request.path.toString() : '')),
    names,
  )
})

test('what the host does not find is judged all the same, and only then said', async () => {
  const table = await sftpTable()
  table.real.set('/none/x', null).set('/etc/none/x', null)
  watch(table, (file) => !file?.path.startsWith('/etc/'))
  assert.equal(statusOf(await table.ask(packet(types.stat, 1, '/none/x'))).code, 2)
  assert.equal(statusOf(await table.ask(packet(types.stat, 2, '/etc/none/x'))).code, 3)
  assert.deepEqual(table.asked, [])
})

test('reading and writing are judged once a file, and its bytes then pass as they are', async () => {
  const table = await sftpTable(Buffer.from('0123456789'))
  const judged = watch(table, () => true)
  const handle = await openFile(table, '/srv/x', readFlag | writeFlag)
  const write = packet(types.write, 11, handle, 5n, Buffer.alloc(100_000, 'x'))
  await table.ask(write)
  await table.ask(packet(types.write, 12, handle, 6n, 'y'))
  const data = await table.ask(packet(types.read, 13, handle, 3n, 4))
  assert.equal(data.body.subarray(4).toString(), '3456')
  await table.ask(packet(types.read, 14, handle, 0n, 4))
  assert.deepEqual(
    judged.map(({ text }) => text),
    ['open /srv/x (read write)', 'write /srv/x (read write)', 'read /srv/x (read write)'],
  )
  assert.deepEqual(table.asked[1]?.raw, write)
  assert.equal(statusOf(await table.ask(packet(types.close, 15, handle))).code, 0)
  assert.equal(statusOf(await table.ask(packet(types.read, 16, handle, 0n, 4))).code, 4)
})

test('reading may be refused where opening was not', async () => {
  const table = await sftpTable()
  watch(table, (file) => file?.verb !== 'write' && file?.verb !== 'fsetstat')
  const handle = await openFile(table, '/srv/x', readFlag | writeFlag)
  assert.equal(statusOf(await table.ask(packet(types.write, 11, handle, 0n, 'x'))).code, 3)
  assert.equal(statusOf(await table.ask(packet(types.fsetstat, 12, handle, 4, 0o777))).code, 3)
  assert.equal((await table.ask(packet(types.read, 13, handle, 0n, 4))).type, types.data)
  assert.equal(
    table.asked.some(({ kind }) => kind === 'write' || kind === 'fsetstat'),
    false,
  )
})

test('requests in any pieces have the same answers', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 40 }), async (steps) => {
      const table = await sftpTable(Buffer.from('abcdef'))
      watch(table, () => true)
      const handle = await openFile(table, '/srv/x', readFlag | writeFlag)
      await table.ask(packet(types.write, 11, handle, 0n, 'first'))
      const bytes = Buffer.concat([
        packet(types.write, 12, handle, 0n, 'second'),
        packet(types.read, 13, handle, 0n, 3),
        packet(types.write, 14, handle, 6n, Buffer.alloc(300, 'z')),
        packet(types.lstat, 15, '/srv/y'),
        packet(types.write, 16, handle, 6n, 'last'),
      ])
      let at = 0
      for (let index = 0; at < bytes.length; index++) {
        const step = steps[index % steps.length] ?? 1
        table.send(bytes.subarray(at, at + step))
        at += step
      }
      await table.ask(packet(types.close, 17, handle))
      assert.deepEqual(
        table.asked.slice(2).map(({ kind, raw }) => `${kind} ${raw.length}`),
        ['write 33', 'read 27', 'write 327', 'lstat 19', 'write 31', 'close 15'],
      )
      assert.equal(table.ended, undefined)
    }),
    { numRuns: 50 },
  )
})

test('an answer of the gateway never lands inside a packet of the host', async () => {
  const table = await sftpTable()
  watch(table, (file) => !file?.path.startsWith('/etc/'))
  const handle = await openFile(table, '/srv/x')
  await table.ask(packet(types.read, 11, handle, 0n, 4))
  const halves = packet(types.data, 12, 'some bytes of a file')
  table.answers.push(() => halves.subarray(0, 15))
  const read = table.ask(packet(types.read, 12, handle, 0n, 20))
  const refused = table.ask(packet(types.extended, 13, 'nobody@example.com', 'x'))
  await new Promise(setImmediate)
  table.session.fromHost(halves.subarray(15))
  assert.equal((await read).body.subarray(4).toString(), 'some bytes of a file')
  assert.equal(statusOf(await refused).code, 8)
})

test('lengths that no packet has end the session, whatever else came', async () => {
  for (const bad of [
    Buffer.from([0, 0, 0, 0]),
    Buffer.from([0, 0, 0, 4, 3, 0, 0, 0]),
    Buffer.from([0xff, 0xff, 0xff, 0xff]),
    Buffer.from([tooLong >>> 24, (tooLong >>> 16) & 255, (tooLong >>> 8) & 255, tooLong & 255]),
    packet(types.open, 1, Buffer.alloc(10), readFlag),
    packet(types.open, 1, '/srv/x', 64, noAttributes),
    packet(types.open, 1, '/srv/x', readFlag, 16),
    packet(types.stat, 1, '/srv/x', 0),
    packet(types.stat, 1, 0xffffffff),
    packet(types.close, 1, Buffer.alloc(257)),
    packet(types.extended, 1, 'posix-rename@openssh.com', '/a'),
    packet(types.rename, 1, '/a', '/b', '/c'),
  ]) {
    const table = await sftpTable()
    watch(table, () => true)
    table.send(bad)
    await new Promise(setImmediate)
    assert.equal(table.ended, 'not understood', bad.toString('hex').slice(0, 40))
    assert.deepEqual(table.asked, [])
  }
})

test('a write whose data does not fill its packet ends the session', async () => {
  const table = await sftpTable()
  watch(table, () => true)
  const handle = await openFile(table, '/srv/x', writeFlag)
  await table.ask(packet(types.write, 11, handle, 0n, 'x'))
  table.send(packet(types.write, 12, handle, 0n, 'x', 'smuggled'))
  assert.equal(table.ended, 'not understood')
  assert.equal(table.asked.length, 2)
})

test('an id that is in use, and an answer that nobody asked for, end the session', async () => {
  const table = await sftpTable()
  watch(table, () => true)
  const handle = await openFile(table, '/srv/x')
  await table.ask(packet(types.read, 11, handle, 0n, 4))
  table.answers.push(() => Buffer.alloc(0))
  table.send(packet(types.read, 12, handle, 0n, 4))
  table.send(packet(types.read, 12, handle, 0n, 4))
  assert.equal(table.ended, 'not understood')
  const other = await sftpTable()
  other.session.fromHost(packet(types.data, 99, 'unasked'))
  assert.equal(other.ended, 'not understood')
  const wrong = await sftpTable()
  watch(wrong, () => true)
  const file = await openFile(wrong, '/srv/x')
  wrong.answers.push((id) => packet(types.data, id, 'bytes that nobody may have'))
  wrong.send(packet(types.fstat, 5, file))
  await new Promise(setImmediate)
  assert.equal(wrong.ended, 'not understood')
})

test('reads are masked whole, however they are cut', async () => {
  const text = Buffer.from(`${'-'.repeat(32_760)}card 4111111111111111 end`)
  const table = await sftpTable(text)
  table.gate.live.answer = (input) =>
    (input as ActionDocument).action.shell?.file?.verb === 'read'
      ? { ...results.allow, mask: [{ detect: 'credit_card', with: 'last4' }] }
      : results.allow
  const handle = await openFile(table, '/srv/cards')
  let seen = ''
  for (let at = 0; ; at += 7) {
    const answer = await table.ask(packet(types.read, 11, handle, BigInt(32_755 + at), 7))
    if (answer.type === types.status) {
      assert.equal(statusOf(answer).code, 1)
      break
    }
    seen += answer.body.subarray(4).toString()
  }
  assert.match(seen, /^-----card \S*1111 end$/)
  assert.doesNotMatch(seen, /411111/)
  const both = await openFile(table, '/srv/cards', readFlag | writeFlag, 20)
  assert.equal(statusOf(await table.ask(packet(types.read, 21, both, 0n, 4))).code, 3)
  assert.equal(statusOf(await table.ask(packet(types.read, 22, handle, 2n ** 63n, 4))).code, 1)
})

test('names are masked like what is in files, wherever a host says them', async () => {
  const table = await sftpTable()
  const card = '4111111111111111'
  const named =
    (...names: readonly string[]) =>
    (id: number) =>
      packet(
        types.name,
        id,
        names.length,
        ...names.flatMap((one) => [one, `-rw-r--r-- 1 a b 9 May 1 2024 ${one}`, 1, 9n]),
      )
  const listed = async (): Promise<readonly Buffer[]> => {
    const { body } = await table.ask(packet(types.opendir, 1, '/srv'))
    const handle = body.subarray(4).toString()
    table.answers.push(named(`a ${card}.txt`, 'plain'))
    const list = await table.ask(packet(types.readdir, 2, handle))
    assert.equal(statusOf(await table.ask(packet(types.readdir, 3, handle))).code, 0)
    await table.ask(packet(types.close, 4, handle))
    table.answers.push(named(card))
    const link = await table.ask(packet(types.readlink, 5, '/srv/link'))
    table.real.set('/srv/link', `/srv/${card}`)
    const real = await table.ask(packet(types.realpath, 6, '/srv/link'))
    const same = await table.ask(packet(types.realpath, 7, `/srv/${card}`))
    return [list, link, real, same].map((one) => one.body)
  }
  table.gate.live.answer = () => results.allow
  for (const one of await listed()) assert.ok(one.includes(card))
  table.gate.live.answer = (input) =>
    (input as ActionDocument).action.operation === 'connect'
      ? results.allow
      : { ...results.allow, mask: [{ detect: 'credit_card', with: 'last4' }] }
  const [list, link, real, same] = await listed()
  for (const one of [list, link, real]) {
    assert.ok(one?.includes('************1111'))
    assert.ok(!one?.includes('411111111111'))
  }
  assert.ok(list?.includes('-rw-r--r-- 1 a b 9 May 1 2024 a ************1111.txt'))
  assert.ok(list?.includes('2024 plain'))
  // What the client says itself is no news to it.
  assert.ok(same?.includes(card))
})

test('a file that is too large to be masked is not read', async () => {
  const table = await sftpTable(Buffer.alloc(17 * 1024 * 1024))
  table.gate.live.answer = (input) =>
    (input as ActionDocument).action.shell?.file?.verb === 'read'
      ? { ...results.allow, mask: [{ detect: 'credit_card', with: 'last4' }] }
      : results.allow
  const handle = await openFile(table, '/srv/large')
  const { code, message } = statusOf(await table.ask(packet(types.read, 11, handle, 0n, 4)))
  assert.equal(code, 3)
  assert.match(message, /sallyport\.masking/)
})

test('a budget of bytes ends the session', async () => {
  const table = await sftpTable(Buffer.alloc(100_000))
  table.gate.live.answer = (input) =>
    (input as ActionDocument).action.operation === 'connect'
      ? results.allow
      : { ...results.allow, limit: [{ bytes: 1000 }] }
  const handle = await openFile(table, '/srv/x')
  assert.equal((await table.ask(packet(types.read, 11, handle, 0n, 900))).type, types.data)
  table.send(packet(types.read, 12, handle, 900n, 900))
  await new Promise(setImmediate)
  assert.notEqual(table.ended, undefined)
})

test('a request that is held says so, and is withdrawn with the session', async () => {
  const table = await sftpTable()
  table.gate.live.answer = () => results.hold
  table.send(packet(types.remove, 1, '/srv/x'))
  while (table.gate.holds.waiting.size === 0) await new Promise(setImmediate)
  assert.match(table.told.join(''), /waiting for approval/)
  table.session.close()
  while (table.gate.holds.waiting.size > 0) await new Promise(setImmediate)
  assert.deepEqual(table.asked, [])
})

test('requests that wait hold the client back by what they cost, and let it go once they are over', async () => {
  const table = await sftpTable()
  table.gate.live.answer = () => results.hold
  table.send(packet(types.remove, 1, '/srv/x'))
  while (table.gate.holds.waiting.size === 0) await new Promise(setImmediate)
  assert.equal(table.holds, 0)
  const few = Buffer.concat(Array.from({ length: 1000 }, (_, index) => packet(types.close, 100 + index, 'no')))
  table.send(few)
  assert.equal(table.holds, 0)
  // Of fifteen bytes each, which is little; what keeps them is more.
  for (let index = 0; index < 4; index++) table.send(few)
  assert.equal(table.holds, 1)
  table.gate.live.answer = () => results.allow
  table.gate.holds.answer({ on: 'denied', detail: '', message: 'no' })
  while (table.holds > 0) await new Promise(setImmediate)
  assert.equal(table.ended, undefined)
})
