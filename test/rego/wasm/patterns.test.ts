// Constant globs, patterns and networks: matched in the module, and as the built-ins match them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { WasmProgram } from '../../../engine/evaluate/index.ts'
import { builtins } from '../../../rego/builtins/index.ts'
import { Program } from '../../../rego/interpret/index.ts'
import { valueFromData, writeJson } from '../../../rego/value/index.ts'
import { emitModule } from '../../../rego/wasm/index.ts'
import { constantCalls, globs, networks, patterns, subjects } from '../../support/constant-patterns.ts'
import { policyOf } from '../../support/modules.ts'

/** Compares what calls answer in the module with what the interpreter says; gives how often a host was asked. */
function comparer(calls: readonly string[]): (subject: unknown) => number {
  const rules = calls.map((call, i) => `r${i} := ${call}`)
  const policy = policyOf(`package t\n${rules.join('\n')}\n`, ['t'])
  let hostCalls = 0
  const counting = new Map(
    [...builtins].map(([name, builtin]) => [
      name,
      (...args: Parameters<typeof builtin>) => {
        hostCalls++
        return builtin(...args)
      },
    ]),
  )
  const wasm = new WasmProgram(new WebAssembly.Module(new Uint8Array(emitModule(policy))), counting)
  const interpreter = new Program(policy, builtins)
  const messages = (errors: readonly Error[]): string[] => errors.map(({ message }) => message).sort()
  return (subject) => {
    hostCalls = 0
    const input = valueFromData({ x: subject })
    const got = wasm.evaluate('t', { input })
    const wanted = interpreter.evaluate('t', { input })
    const shown = JSON.stringify([calls, subject])
    assert.equal(writeJson(got.results), writeJson(wanted.results), shown)
    assert.deepEqual(messages(got.builtinErrors), messages(wanted.builtinErrors), shown)
    return hostCalls
  }
}

for (const [name, made] of Object.entries({ globs, patterns, networks })) {
  test(`constant ${name} answer as the built-in does, error for error`, () => {
    fc.assert(
      fc.property(fc.array(constantCalls(made), { minLength: 12, maxLength: 24 }), subjects(made), (calls, all) => {
        const compared = comparer(calls)
        for (const subject of all) compared(subject)
      }),
      { numRuns: 15 },
    )
  })
}

test('globs, patterns and networks that are constant ask no host', () => {
  const calls = [
    'glob.match("*.example.com", [], input.x)',
    'glob.match("/srv/**/[a-c]?.{txt,md}", ["/"], input.x)',
    'glob.match("*ü*", null, input.x)',
    'glob.match("{a,b*}", [".", ":"], input.x)',
    'regex.match(`^(?i)select\\s+.*from`, input.x)',
    'regex.match(`^[^/]+/[à-ÿ]{2}$`, input.x)',
    'regex.match(`(?s:a.b)\\z`, input.x)',
    'regex.match(`(?P<year>\\d{4})-\\x{2013}`, input.x)',
  ]
  const compared = comparer(calls)
  for (const subject of ['a', 'www.example.com', '/srv/x/y/aü.md', 'SELECT 1 FROM t', 'ü', 'a\nb']) {
    assert.equal(compared(subject), 0, subject)
  }
  const ranges = ['10.0.0.0/8', '::/0', '2001:db8::/33', '::ffff:10.0.0.0/104', '0.0.0.0/0'].map(
    (network) => `net.cidr_contains("${network}", input.x)`,
  )
  const inRanges = comparer([...ranges, 'net.cidr_contains(input.x, "10.1.2.3/32")'])
  for (const subject of ['10.1.2.3', '11.0.0.0/9', '2001:db8:7fff::1', '::ffff:10.9.9.9', '::1.2.3.4', '0.0.0.0/1']) {
    assert.ok(inRanges(subject) <= 1, subject)
  }
})

test('what is no glob, no network or no text is told by the host', () => {
  const calls = [
    'glob.match("[", [], input.x)',
    'glob.match("a*", ["ab"], input.x)',
    'glob.match("a*", ["a", "b", "c", "d", "e"], input.x)',
    'regex.match("(", input.x)',
    'regex.match("(?i)*", input.x)',
    'regex.match("(?P<n>a)(?P<n>b)", input.x)',
    'net.cidr_contains("10.0.0.0/33", input.x)',
    'net.cidr_contains("10.0.0.0/8", input.x)',
  ]
  const compared = comparer(calls)
  for (const subject of ['a', '', '10.0.0', '10.0.0.01', '1::2::3', ':1', '1:', '10.0.0.0/', 7, null, ['a']]) {
    assert.ok(compared(subject) >= 4)
  }
})

test('a pattern reads U+FFFD for each byte that is no text, and finds the bytes themselves', () => {
  const subjects = { byte: 'Yf9i', alone: '/w==', sign: '77+9', text: 'Yg==' }
  // What OPA 1.19 answers, in the order of the subjects.
  const wanted: readonly [string, string][] = [
    ['regex.match(`\\x{fffd}`, x)', '[true,true,true,false]'],
    ['regex.match(`^a\ufffdb$`, x)', '[true,false,false,false]'],
    ['regex.match(`^[^\\x{fffd}]+$`, x)', '[false,false,false,true]'],
    ['regex.match(`[\\x{d000}-\\x{e000}]`, x)', '[false,false,false,false]'],
    ['regex.match(`^.+$`, x)', '[true,true,true,true]'],
    [
      '[base64.encode(y) | some y in regex.find_n(`\\x{fffd}|b`, x, -1)]',
      '[["/w==","Yg=="],["/w=="],["77+9"],["Yg=="]]',
    ],
    ['base64.encode(regex.replace(x, `\\x{fffd}`, "<$0>"))', '["YTz/PmI=","PP8+","PO+/vT4=","Yg=="]'],
    ['regex.is_valid(x)', '[false,false,true,true]'],
  ]
  const rules = wanted.map(([call], i) => `r${i} := [y | some s in input; x := base64.decode(s); y := ${call}]`)
  const policy = policyOf(`package t\n${rules.join('\n')}\n`, ['t'])
  const wasm = new WasmProgram(new WebAssembly.Module(new Uint8Array(emitModule(policy))), builtins)
  const input = valueFromData(Object.values(subjects))
  for (const engine of [new Program(policy, builtins), wasm]) {
    const answers: Record<string, unknown> = JSON.parse(writeJson(engine.evaluate('t', { input }).results))[0].result
    for (const [i, [call, answer]] of wanted.entries()) assert.equal(JSON.stringify(answers[`r${i}`]), answer, call)
  }
})
