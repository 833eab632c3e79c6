// Files through the gateway to a real `sshd`: scp in both of its modes, sftp, rsync, git. Needs OpenSSH; each program that
// is not installed is skipped with its name. `SALLYPORT_SSH_MIB` sets the size of the large file (1024 in long runs).
import assert from 'node:assert/strict'
import { createHash, randomFillSync } from 'node:crypto'
import { createReadStream, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type SshGateway, startSshGateway } from '../support/ssh-gateway.ts'
import { programMissing, type Sshd, sshdMissing, startSshd } from '../support/sshd.ts'

const skip = sshdMissing || programMissing('ssh', ['-V'])
const mebibytes = Number(process.env['SALLYPORT_SSH_MIB'] ?? 64)
const timeout = 60_000 + mebibytes * 1000
const folder = mkdtempSync(join(tmpdir(), 'ssh-files-'))
const large = join(folder, 'large')
let sum = ''
let sshd: Sshd
let gateway: SshGateway

async function sumOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const bytes of createReadStream(path)) hash.update(bytes)
  return hash.digest('hex')
}

before(async () => {
  if (skip !== false) return
  const file = await open(large, 'w')
  const block = Buffer.alloc(1024 * 1024)
  for (let index = 0; index < mebibytes; index++) await file.write(randomFillSync(block))
  await file.close()
  sum = await sumOf(large)
  sshd = await startSshd()
  gateway = await startSshGateway(
    [{ name: 'web', ...sshd }],
    `package policy.hosts
allow if input.action.verb == "connect"
allow if {
	input.action.shell.operation in {"scp", "rsync", "git"}
	may_be_incomplete
	not hidden
}
may_be_incomplete if input.action.complete
# The hooks of the repositories here are ours.
may_be_incomplete if {
	input.action.shell.operation == "git"
	startswith(input.action.shell.file.path, "${folder}/")
}
allow if {
	input.action.shell.operation in {"subsystem", "sftp"}
	not hidden
}
hidden if contains(input.action.text, "hidden")
`,
  )
})
after(async () => {
  if (skip !== false) return
  await gateway.close()
  await sshd.close()
  rmSync(folder, { recursive: true, force: true })
})

for (const [mode, flags] of [
  ['SFTP', []],
  ['its old protocol', ['-O']],
] as const)
  test(`scp by ${mode} brings a large file up and down whole`, { skip }, async () => {
    const [up, down] = [join(folder, `up${flags.length}`), join(folder, `down${flags.length}`)]
    const scp = (from: string, to: string) =>
      gateway.run('scp', ['-F', gateway.clientConfig, ...flags, from, to], '', { timeout })
    const sent = await scp(large, `web:${up}`)
    assert.equal(sent.code, 0, sent.err)
    assert.equal(await sumOf(up), sum)
    const brought = await scp(`web:${up}`, down)
    assert.equal(brought.code, 0, brought.err)
    assert.equal(await sumOf(down), sum)
    const refused = await scp(`web:${up}`, `${down}.hidden`)
    assert.equal(refused.code, 0, 'only what happens at the host is judged')
    const hidden = await scp(large, `web:${join(folder, 'hidden')}`)
    assert.notEqual(hidden.code, 0)
    assert.match(hidden.err, /sallyport|rule/)
    assert.equal(existsSync(join(folder, 'hidden')), false)
  })

test('sftp puts, gets, lists, renames, links and removes', { skip }, async () => {
  const place = join(folder, 'sftp')
  mkdirSync(place)
  const batch = join(folder, 'batch')
  writeFileSync(
    batch,
    [
      `put ${large} ${place}/large`,
      `get ${place}/large ${place}/back`,
      `mkdir ${place}/sub`,
      `rename ${place}/back ${place}/sub/moved`,
      `ln -s ${place}/large ${place}/link`,
      `ln ${place}/large ${place}/hard`,
      `chmod 600 ${place}/large`,
      `ls -l ${place}`,
      `df ${place}`,
      `rm ${place}/hard`,
      '',
    ].join('\n'),
  )
  const { out, err, code } = await gateway.run(
    'sftp',
    // Batches let nobody type a password, unless asked to before.
    ['-F', gateway.clientConfig, '-o', 'BatchMode=no', '-b', batch, 'web'],
    '',
    { timeout },
  )
  assert.equal(code, 0, err)
  assert.match(out.toString(), /link/)
  assert.equal(await sumOf(join(place, 'sub', 'moved')), sum)
  assert.equal(existsSync(join(place, 'hard')), false)
})

test('rsync brings a tree over and finds nothing to do the second time', {
  skip: skip || programMissing('rsync'),
}, async () => {
  const [from, to] = [join(folder, 'tree'), join(folder, 'tree-there')]
  mkdirSync(join(from, 'deep', 'er'), { recursive: true })
  for (let index = 0; index < 50; index++) writeFileSync(join(from, 'deep', `file-${index}`), `content ${index}\n`)
  writeFileSync(join(from, 'deep', 'er', 'binary'), randomFillSync(Buffer.alloc(300_000)))
  const shell = `ssh -F ${gateway.clientConfig}`
  const rsync = (...args: string[]) => gateway.run('rsync', ['-a', '--stats', '-e', shell, ...args])
  const first = await rsync(`${from}/`, `web:${to}/`)
  assert.equal(first.code, 0, first.err)
  assert.deepEqual(readFileSync(join(to, 'deep', 'er', 'binary')), readFileSync(join(from, 'deep', 'er', 'binary')))
  const second = await rsync(`${from}/`, `web:${to}/`)
  assert.match(second.out.toString(), /Number of regular files transferred: 0/)
  const back = await rsync(`web:${to}/`, `${from}-back/`)
  assert.equal(back.code, 0, back.err)
  assert.equal(readFileSync(join(`${from}-back`, 'deep', 'file-7'), 'utf8'), 'content 7\n')
  assert.notEqual((await rsync(`${from}/`, `web:${join(folder, 'hidden')}/`)).code, 0)
})

test('git clones and pushes', { skip: skip || programMissing('git') }, async () => {
  const [bare, work, other] = [join(folder, 'repo.git'), join(folder, 'work'), join(folder, 'other')]
  const env = {
    ...gateway.env,
    GIT_SSH_COMMAND: `ssh -F ${gateway.clientConfig}`,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_AUTHOR_NAME: 'a',
    GIT_AUTHOR_EMAIL: 'a@localhost',
    GIT_COMMITTER_NAME: 'a',
    GIT_COMMITTER_EMAIL: 'a@localhost',
  }
  const git = async (...args: string[]): Promise<void> => {
    const { code, err } = await gateway.run('git', args, '', { env })
    assert.equal(code, 0, `git ${args.join(' ')}: ${err}`)
  }
  await git('init', '--bare', '-b', 'main', bare)
  await git('clone', `web:${bare}`, work)
  for (let index = 0; index < 20; index++) {
    writeFileSync(join(work, 'file'), randomFillSync(Buffer.alloc(20_000)))
    await git('-C', work, 'add', '.')
    await git('-C', work, 'commit', '-m', `change ${index}`)
  }
  await git('-C', work, 'push', 'origin', 'HEAD:main')
  await git('clone', `ssh://web${bare}`, other)
  assert.deepEqual(readFileSync(join(other, 'file')), readFileSync(join(work, 'file')))
  const refused = await gateway.run('git', ['clone', `web:${join(folder, 'hidden.git')}`, `${other}2`], '', { env })
  assert.notEqual(refused.code, 0)
  assert.match(refused.err, /sallyport: rule/)
})
