// What built-ins cost: work that grows faster than its operands ends with the fuel of a decision, and plain work does not.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WasmProgram } from '../../../engine/evaluate/index.ts'
import { builtins } from '../../../rego/builtins/index.ts'
import { Program } from '../../../rego/interpret/index.ts'
import { type Value, valueFromData } from '../../../rego/value/index.ts'
import { emitModule } from '../../../rego/wasm/index.ts'
import { policyOf } from '../../support/modules.ts'

/** Fuel of a decision in a gateway; what has no bound spends a tenth of it as well. */
const decisionFuel = 2_000_000
const little = decisionFuel / 10
const kib = (text: string, size: number) => text.repeat((size * 1024) / text.length)

/** What `data.p.r` comes to under both engines, with `t` for a text that nothing knows when it compiles. */
function outcomes(rules: string, text: string, fuel: number): readonly string[] {
  const policy = policyOf(`package p\nt := input.text\n${rules}`, ['p/r'])
  const wasm = new WasmProgram(new WebAssembly.Module(emitModule(policy)), builtins)
  const input: Value = valueFromData({ text })
  return [new Program(policy, builtins).evaluate('p/r', { input, fuel }), wasm.evaluate('p/r', { input, fuel })].map(
    ({ error, results }) => error?.code ?? (results.length > 0 ? 'answered' : 'undefined'),
  )
}

const dear: readonly (readonly [what: string, rules: string, text: string])[] = [
  ['a search for each match through all of the text', 'r := count(regex.find_n("(a+)b|(a)", t, -1))', kib('a', 64)],
  ['the same, replaced', 'r := count(regex.replace(t, "(a+)b|(a)", "x"))', kib('a', 64)],
  ['the same, split', 'r := count(regex.split("(a+)b|(a)", t))', kib('a', 64)],
  ['matches without end', 'r := count(regex.find_all_string_submatch_n("((((a))))", t, -1))', kib('a', 1024)],
  ['replacements that grow', `r := count(regex.replace(t, "a", "${'b'.repeat(5000)}"))`, kib('a', 512)],
  [
    'a glob of a thousand alternatives that nothing knows beforehand',
    'r if glob.match(concat("", [x | some i in numbers.range(1, 1000); x := "{a,b,*}"]), [], t)',
    kib('a', 128),
  ],
  [
    'a patch that copies an array for each of its operations',
    'r := count(json.patch([], [{"op": "add", "path": "/-", "value": 1} | some i in numbers.range(1, 30000)]))',
    '',
  ],
  [
    'a long text that is nearly everywhere',
    `r if contains(t, concat("", ["${'a'.repeat(5000)}", "b"]))`,
    kib('a', 1024),
  ],
  ['where such a text is', `r := indexof(t, concat("", ["${'a'.repeat(5000)}", "b"]))`, kib('a', 1024)],
  [
    'prefixes of many texts',
    'xs := [sprintf("b%d", [i]) | some i in numbers.range(1, 20000)]\nr if strings.any_prefix_match([x | some i in numbers.range(1, 10000); x := "a"], xs)',
    '',
  ],
  ['numbers of many digits', 'r if { some i in numbers.range(1, 5000); bits.lsh(1, 290000 + i) < 0 }', ''],
  [
    'paths of a graph where all is joined',
    'g := {i: numbers.range(0, 60) | some i in numbers.range(0, 60)}\nr := count(graph.reachable_paths(g, [0]))',
    '',
  ],
]

for (const [what, rules, text] of dear) {
  test(`costs what it takes: ${what}`, () => {
    assert.deepEqual(outcomes(rules, text, little), ['eval_cancel_error', 'eval_cancel_error'])
  })
}

const plain: readonly (readonly [what: string, rules: string, text: string])[] = [
  [
    'a pattern looked for in a statement',
    'r := count(regex.find_n("tenant_id = ([0-9]+)", t, -1))',
    kib('tenant_id = 12, x ', 256),
  ],
  ['a pattern that is replaced', `r := count(regex.replace(t, "'[^']*'", "?"))`, kib("a = 'secret', ", 256)],
  ['words that are split', 'r := count(regex.split("[ ,]+", t))', kib('some words, more ', 128)],
  ['a text cut at many separators', 'r := count(split(t, ","))', kib('a,', 256)],
  ['a text counted many times', 'r := strings.count(t, "a,")', kib('a,', 256)],
  ['a text replaced many times', 'r := count(replace(t, ",", ";"))', kib('a,', 256)],
  [
    'a text looked for',
    'r if contains(t, "drop table users cascade")',
    `${kib('drop table x; ', 1022)}drop table users cascade`,
  ],
]

for (const [what, rules, text] of plain) {
  test(`is well within the fuel of a decision: ${what}`, () => {
    assert.deepEqual(outcomes(rules, text, decisionFuel), ['answered', 'answered'])
  })
}
