// Constant globs, patterns and networks in our modules and in the real opa: the same answers, and the same calls fail.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { WasmProgram } from '../../engine/evaluate/index.ts'
import { builtins } from '../../rego/builtins/index.ts'
import { dataFromValue, valueFromData } from '../../rego/value/index.ts'
import { emitModule } from '../../rego/wasm/index.ts'
import { folderWith } from '../cli/policy/run-policy.ts'
import { constantCalls, globs, networks, patterns } from '../support/constant-patterns.ts'
import { policyOf } from '../support/modules.ts'

const opa = [process.env['OPA'] ?? 'opa', join(homedir(), 'go/bin/opa')].find(
  (path) => spawnSync(path, ['version']).status === 0,
)
const skip = opa === undefined ? 'there is no `opa` on this machine' : false

/**
 * Whether opa is known to answer otherwise. Two groups of one name are an error here and in RE2, not in Go's regexp. Its
 * globs count bytes for runes in places, let a lone rune match the empty text, and want more than nothing for `***` and
 * for an empty alternative beside a star.
 */
function differs(call: string, subject = 'a'): boolean {
  if (!call.startsWith('glob.match')) return call.split('(?P<n>').length > 2
  return subject === '' || !isAscii(call) || !isAscii(subject) || call.includes('***') || call.includes(',}')
}

function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length
}

const CALLS = 400
const SUBJECTS = 40

for (const [name, made] of Object.entries({ globs, patterns, networks })) {
  test(`constant ${name} answer as in opa`, { skip }, () => {
    const seed = Number(process.env['SALLYPORT_SEED'] ?? 20261121)
    const calls = fc.sample(constantCalls(made), { numRuns: CALLS, seed }).filter((call) => !differs(call))
    const xs = fc.sample(made.subject, { numRuns: SUBJECTS, seed })
    const rules = calls.map(
      (call, i) =>
        `r${i} := {k: v | some j, x in input.xs; v := ${call.replace('input.x)', 'x)')}; k := sprintf("%d", [j])}`,
    )
    const text = `package t\nimport rego.v1\n${rules.join('\n')}\n`
    const folder = folderWith({ 'p.rego': text, 'input.json': JSON.stringify({ xs }) })
    const args = ['eval', '-d', 'p.rego', '-i', 'input.json', '-f', 'raw', 'data.t']
    const theirs = spawnSync(opa ?? '', args, { cwd: folder, encoding: 'utf8', maxBuffer: 64 * 2 ** 20 })
    assert.equal(theirs.status, 0, theirs.stderr)
    const wanted = Object(JSON.parse(theirs.stdout))
    const wasm = new WasmProgram(new WebAssembly.Module(new Uint8Array(emitModule(policyOf(text, ['t'])))), builtins)
    const { results, error } = wasm.evaluate('t', { input: valueFromData({ xs }), fuel: 100_000_000 })
    assert.equal(error, undefined)
    const got = Object(dataFromValue(results[0] ?? null)).result
    let compared = 0
    for (const [i, call] of calls.entries()) {
      for (let j = 0; j < xs.length; j++) {
        if (differs(call, xs[j])) continue
        compared++
        assert.equal(got[`r${i}`][j], wanted[`r${i}`][j], `seed ${seed}: ${call} with ${JSON.stringify(xs[j])}`)
      }
    }
    assert.ok(compared > 1_500, `${compared} answers`)
  })
}
