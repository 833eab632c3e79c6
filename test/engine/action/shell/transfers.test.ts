// The far ends of scp, rsync and git: which file, which way, and when more than that could happen.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { analyzeLine } from '../../../../engine/action/shell/index.ts'

const known: readonly (readonly [string, string, string, string, readonly string[]])[] = [
  ['scp -t /srv/in', 'scp', 'write', '/srv/in', []],
  ['scp -r -p -d -t -- "/srv/in box"', 'scp', 'write', '/srv/in box', ['directory', 'preserve', 'recursive']],
  ['/usr/bin/scp -vf /srv/out', 'scp', 'read', '/srv/out', []],
  ['rsync --server -vlogDtpre.iLsfxCIvu --delete . /srv/in', 'rsync', 'write', '/srv/in', ['delete', 'recursive']],
  ['rsync --server --sender -logDtpre.iLsfxCIvu . /srv/out/', 'rsync', 'read', '/srv/out/', ['recursive']],
  ["git-upload-pack '/srv/repo.git'", 'git', 'read', '/srv/repo.git', ['upload-pack']],
  ["git upload-pack '/srv/repo.git'", 'git', 'read', '/srv/repo.git', ['upload-pack']],
]

for (const [line, operation, verb, path, flags] of known)
  test(`knows ${line}`, () => {
    const facts = analyzeLine(line)
    assert.equal(facts.operation, operation)
    assert.deepEqual(facts.file, { verb, path, flags })
    assert.deepEqual(facts.reasons, [])
    assert.equal(facts.complete, true)
  })

test('a push runs the hooks of the repository, and says so', () => {
  const facts = analyzeLine("git-receive-pack '/srv/repo.git'")
  assert.deepEqual(
    [facts.operation, facts.file?.verb, facts.complete, facts.reasons],
    ['git', 'write', false, ['hooks of the repository run']],
  )
})

test('an archive runs the filters that the repository names, and says so', () => {
  const facts = analyzeLine("git upload-archive '/srv/repo.git'")
  assert.deepEqual(
    [facts.operation, facts.file?.verb, facts.complete, facts.reasons],
    ['git', 'read', false, ['filters that the repository names run']],
  )
})

for (const line of [
  'scp -t /srv/../etc/passwd',
  'rsync --server -r . /srv/../etc',
  "git-upload-pack '/srv/../x'",
  "scp -t ''",
])
  test(`is not sure of the path in ${line}`, () => assert.equal(analyzeLine(line).complete, false))

for (const line of [
  'scp -S /tmp/evil -t /srv/in',
  'scp -t a b',
  'scp -t -f a',
  'scp a host:b',
  'scp -t $X',
  'rsync -e "sh -c id" a host:b',
  'rsync --server --daemon .',
  'rsync --server --daemon --config=/tmp/x . /srv',
  'rsync --server --log-file=/etc/cron.d/x -r . /srv',
  'rsync --server -rs . /srv',
  'rsync --server --rsh=/tmp/evil -r . /srv',
  'rsync --server --files-from=/etc/shadow -r . /srv',
  'rsync --server -r . --log-file=/etc/cron.d/x',
  'rsync --server --sender -r . /a /b',
  'git --exec-path=/tmp upload-pack /srv/repo.git',
  'git -c core.alternateRefsCommand=id upload-pack /srv/repo.git',
  'git-upload-pack --upload-pack=x /srv',
  'git-shell -c id',
  '/tmp/scp -t /srv/in',
  './rsync --server . /srv',
])
  test(`does not take ${line} for a transfer`, () => {
    const facts = analyzeLine(line)
    assert.deepEqual([facts.operation, facts.file, facts.complete], ['exec', undefined, false])
  })

test('a transfer beside something else is a command like others, and a wrapped one too', () => {
  for (const line of [
    'scp -t /srv/in; id',
    'scp -t /srv/in > /tmp/x',
    'sudo rsync --server -r . /srv',
    'A=b scp -t x',
  ]) {
    const facts = analyzeLine(line)
    assert.deepEqual([facts.operation, facts.file], ['exec', undefined], line)
  }
})
