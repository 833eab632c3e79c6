import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const shellMissing = existsSync('/dev/full') ? false : 'there is no /dev/full'
const bin = fileURLToPath(new URL('../../bin/sallyport.js', import.meta.url))

test('prints its version', () => {
  assert.match(execFileSync(process.execPath, [bin, '--version'], { encoding: 'utf8' }), /^sallyport \d+\.\d+\.\d+\n$/)
})

test('refuses an unknown command with exit code 1', () => {
  const run = spawnSync(process.execPath, [bin, 'no-such-command'], { encoding: 'utf8' })
  assert.equal(run.status, 1)
  assert.match(run.stderr, /there is no command `no-such-command`/)
})

test('every command says what it needs, on standard output, and that is no mistake', () => {
  const table = new URL('../../dist/cli/commands.js', import.meta.url).href
  const program = `const { commands } = await import(${JSON.stringify(table)})
for (const { name, load } of commands) {
  process.stdout.write('\\x1e' + name + '\\n')
  process.stdout.write('exit ' + await (await load())(['--help']) + '\\n')
}`
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })
  assert.equal(run.status, 0, run.stderr)
  const [, ...helps] = run.stdout.split('\x1e')
  assert.ok(helps.length > 15, `${helps.length} commands`)
  for (const help of helps) {
    const [name = '', ...lines] = help.split('\n')
    assert.ok(lines[0]?.startsWith(`usage: sallyport ${name}`), `${name} begins with ${lines[0]}`)
    assert.equal(lines.at(-2), 'exit 0', name)
    assert.ok(lines.length > 6, `${name} says little: ${help}`)
  }
})

test('a reader that goes is told nothing, and what it did not take has not succeeded', { skip: shellMissing }, () => {
  const run = spawnSync(
    'bash',
    ['-c', '"$0" "$1" config reference | true; echo "$PIPESTATUS"', process.execPath, bin],
    { encoding: 'utf8' },
  )
  assert.deepEqual([run.stdout, run.stderr], ['141\n', ''])
})

test('an output that is full is told of without a stack', { skip: shellMissing }, () => {
  const run = spawnSync('bash', ['-c', '"$0" "$1" config reference > /dev/full', process.execPath, bin], {
    encoding: 'utf8',
  })
  assert.deepEqual([run.status, run.stderr], [1, 'sallyport: standard output: write: no space left on device\n'])
})

test('help of a command is its own help', () => {
  const run = spawnSync(process.execPath, [bin, 'help', 'doctor'], { encoding: 'utf8' })
  assert.match(run.stdout, /^usage: sallyport doctor/)
  assert.equal(run.status, 0)
  assert.equal(spawnSync(process.execPath, [bin, 'help', 'nothing'], { encoding: 'utf8' }).status, 1)
})
