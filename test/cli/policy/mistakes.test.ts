// The messages of every mistake, against golden files: `BLESS=1` rewrites them, and the diff is read.
import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse } from 'yaml'
import { folderWith, policies } from './run-policy.ts'

const data = new URL('../../../fixtures/mistakes/', import.meta.url)

interface Case {
  readonly name: string
  readonly files: { readonly [path: string]: string }
  readonly run: string
  readonly status: number
}

const cases: readonly Case[] = parse(readFileSync(new URL('cases.yaml', data), 'utf8'))

const ran = policies(
  cases.map(({ files, run }) => ({ cwd: folderWith({ 'README.md': '', ...files }), args: run.split(' ') })),
)

for (const [index, { name, status }] of cases.entries()) {
  test(`${name} has its message and its exit code, and says what to do`, () => {
    const one = ran[index]
    assert.ok(one !== undefined)
    const got = `${one.out}${one.err}`.replaceAll(/\(\d+(\.\d+)?(ns|µs|ms|s)\)/g, '(TIME)')
    const golden = new URL(`${name}.txt`, data)
    if (process.env['BLESS'] === '1') writeFileSync(golden, got)
    assert.ok(existsSync(golden), `there is no golden file ${name}.txt`)
    assert.equal(got, readFileSync(golden, 'utf8'))
    assert.equal(one.status, status)
    if (!name.startsWith('usage-') && !name.startsWith('data-') && name !== 'fixture-wrong-decision')
      assert.match(got, /\n {2}help: /)
  })
}
