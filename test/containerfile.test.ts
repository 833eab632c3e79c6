// The Containerfile is free of mistakes that a linter knows, and keeps what an image of a gateway must keep.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { validate } from 'dockerfile-utils'

const text = readFileSync(new URL('../Containerfile', import.meta.url), 'utf8')
const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
const linesOf = (instruction: string): readonly string[] => lines.filter((line) => line.startsWith(`${instruction} `))

test('the linter finds nothing', () => {
  const found = validate(text).map(({ range, message }) => `${range.start.line + 1}: ${message}`)
  assert.deepEqual(found, [])
  assert.notDeepEqual(validate(text.replace('WORKDIR /src', 'WORKDIRS /src')), [], 'the linter reads this file')
})

test('every base image says its version, and the last one is without shell and root', () => {
  const bases = linesOf('FROM')
  assert.equal(bases.length, 2)
  for (const base of bases) {
    const image = base.split(' ')[1] ?? ''
    assert.match(image, /^[a-z.]+\/[a-z0-9/-]+:[a-z0-9.-]+$/)
    assert.doesNotMatch(image, /:latest$/)
  }
  assert.match(bases.at(-1) ?? '', /distroless.*:nonroot$/)
  const [user] = linesOf('USER')
  assert.match(user ?? '', /^USER [1-9]\d*:[1-9]\d*$/, 'a number, so that an orchestrator can see that it is not root')
})

test('nothing is fetched from elsewhere, and every command is run without a shell', () => {
  assert.deepEqual(linesOf('ADD'), [])
  for (const line of [...linesOf('RUN'), ...linesOf('ENTRYPOINT'), ...linesOf('CMD')]) {
    const command: unknown = JSON.parse(line.slice(line.indexOf(' ')))
    assert.ok(Array.isArray(command), line)
  }
})

test('only what the lock file names is installed, and no script of it is run', () => {
  const [install] = linesOf('RUN')
  assert.equal(install, 'RUN ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]')
})
