import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BuiltinError } from '../../../rego/builtins/index.ts'
import { writeRego } from '../../../rego/value/index.ts'
import { call } from './call.ts'

// What OPA answers, as documented for each built-in.
const answers: readonly (readonly [string, readonly string[], string])[] = [
  ['count', ['"a\u{1f600}"'], '2'],
  ['sum', ['[1, 2.5, 1]'], '4.5'],
  ['max', ['[]'], 'undefined'],
  ['max', ['{1, "a", [0]}'], '[0]'],
  ['sort', ['[2, null, "a", 1]'], '[null, 1, 2, "a"]'],
  ['array.slice', ['[1, 2, 3]', '-1', '2'], '[1, 2]'],
  ['array.slice', ['[1, 2, 3]', '2', '1'], '[]'],
  ['array.flatten', ['[1, [2, [3]]]'], '[1, 2, [3]]'],
  ['and', ['{1, 2}', '{2, 3}'], '{2}'],
  ['intersection', ['set()'], 'set()'],
  ['union', ['{{1}, {2}}'], '{1, 2}'],
  ['minus', ['{1, 2}', '{2}'], '{1}'],
  ['set_diff', ['{1, 2}', '{2}'], '{1}'],
  ['min', ['{null, "a"}'], '"a"'],
  ['min', ['[null, "a"]'], 'null'],
  ['upper', ['"ßé"'], '"ßÉ"'],
  ['lower', ['"ΑΣ"'], '"ασ"'],
  ['glob.match', ['"x{a,b"', 'null', '"xb"'], 'true'],
  ['glob.quote_meta', ['"{a,b}"'], String.raw`"\\{a,b\\}"`],
  ['substring', ['"abc"', '1', '9007199254740993'], '"bc"'],
  ['net.cidr_contains_matches', ['["10.0.0.0/8"]', '[]'], 'set()'],
  [
    'yaml.marshal',
    ['{"k10": ["a: b", "1.5", "x"], "k9": {"n": []}, "e": 1e-7}'],
    String.raw`"e: 1e-07\nk9:\n  \"n\": []\nk10:\n- 'a: b'\n- \"1.5\"\n- x\n"`,
  ],
  [
    'yaml.marshal',
    [String.raw`["a\nb", " a\n", "x \ny", [["q"], {"a": [1]}]]`],
    String.raw`"- |-\n  a\n  b\n- |2\n   a\n- \"x \\ny\"\n- - - q\n  - a:\n    - 1\n"`,
  ],
  ['object.subset', ['[1, 1]', '{1, 2}'], 'true'],
  ['object.subset', ['[1, 3]', '{1, 2}'], 'false'],
  ['object.subset', ['[]', 'set()'], 'false'],
  ['object.subset', ['[1]', 'set()'], 'true'],
  ['object.subset', ['[]', '[]'], 'true'],
  ['object.subset', ['[1, 1, 2, 1, 3]', '[1, 2, 1, 3]'], 'true'],
  ['object.subset', ['[1, 2, 3]', '[1, 3]'], 'false'],
  ['object.subset', ['{[1, 2]}', '{[1]}'], 'false'],
  ['object.subset', ['{"a": {"b": [1, 2, 3]}, "c": 1}', '{"a": {"b": [2, 3]}}'], 'true'],
  ['object.subset', ['{"a": {"b": [1, 2, 3]}}', '{"a": {"b": {2, 3}}}'], 'false'],
  ['object.subset', ['{"a": {1, 2}}', '{"a": {2}}'], 'true'],
  ['object.subset', ['{"a": 1}', '{"b": 1}'], 'false'],
  ['object.get', ['{"a": [{"b": 1}]}', '["a", 0, "b"]', '2'], '1'],
  ['object.get', ['{"a": 1}', '["a", "b"]', '2'], '2'],
  ['object.get', ['{"a": null}', '"a"', '2'], 'null'],
  ['object.get', ['{"a": [null]}', '["a", 0]', '2'], 'null'],
  ['object.get', ['{"a": null}', '["a", "b"]', '2'], '2'],
  ['object.union_n', ['[{"a": {"b": 2}}, {"a": 4}, {"a": {"c": 3}}]'], '{"a": {"c": 3}}'],
  ['object.remove', ['{"a": 1, "b": 2}', '{"a"}'], '{"b": 2}'],
  ['json.filter', ['{"a": {"b": 1, "c": 2}, "d": [1, 2]}', '["a/b", "d/1"]'], '{"a": {"b": 1}, "d": [2]}'],
  ['json.filter', ['{"a": {"b": 1, "c": 2}}', '["a", "a/b"]'], '{"a": {"b": 1, "c": 2}}'],
  ['json.remove', ['{"a": {"b": 1, "c": 2}, "d": 1}', '["a", "a/b"]'], '{"d": 1}'],
  ['json.remove', ['{"a": {"b": 1, "c": 2}, "d": [1, 2]}', '["/a/b", ["d", "0"]]'], '{"a": {"c": 2}, "d": [2]}'],
  ['json.patch', ['{"a": [1]}', '[{"op": "add", "path": "/a/-", "value": 2}]'], '{"a": [1, 2]}'],
  ['json.patch', ['{"a": 1}', '[{"op": "move", "from": "a", "path": "b"}]'], '{"b": 1}'],
  ['json.patch', ['{"s": {1}}', '[{"op": "remove", "path": ["s", 1]}]'], '{"s": set()}'],
  ['json.patch', ['[1, 2]', '[{"op": "replace", "path": "0", "value": 3}]'], '[3, 2]'],
  ['time.now_ns', [], '0'],
  ['to_number', ['"-1.50"'], '-1.50'],
  ['to_number', ['"+07"'], '7'],
  ['bits.negate', ['0'], '-1'],
  ['bits.lsh', ['1', '70'], '1180591620717411303424'],
  ['numbers.range', ['3', '1'], '[3, 2, 1]'],
  ['numbers.range_step', ['0', '5', '2'], '[0, 2, 4]'],
  ['format_int', ['-15.9', '16'], '"-f"'],
  ['walk', ['{"a": [1]}'], '[[[], {"a": [1]}], [["a"], [1]], [["a", 0], 1]]'],
  ['graph.reachable', ['{"a": ["b"], "b": ["a", "c"]}', '["a"]'], '{"a", "b"}'],
  ['graph.reachable_paths', ['{"a": ["b"], "b": ["a"]}', '["a"]'], '{["a", "b"]}'],
  ['concat', ['", "', '{"b", "a"}'], '"a, b"'],
  ['indexof', ['"é\u{1f600}x"', '"x"'], '2'],
  ['indexof_n', ['"aaa"', '"aa"'], '[0, 1]'],
  ['substring', ['"é\u{1f600}x"', '1', '-1'], '"\u{1f600}x"'],
  ['strings.replace_n', ['{"a": "b", "b": "a"}', '"abc"'], '"bac"'],
  ['replace', ['"abc"', '""', '"-"'], '"-a-b-c-"'],
  ['trim', ['"xxaxx"', '"x"'], '"a"'],
  ['trim_space', ['" \\u00a0a "'], '"a"'],
  ['strings.any_suffix_match', ['["ab", "cd"]', '"d"'], 'true'],
  ['strings.split_n', ['"a.b.c"', '"."', '-1'], '["c"]'],
  ['internal.member_3', ['0', '"a"', '["a"]'], 'true'],
  ['internal.template_string', ['["a ", {1}, set()]'], '"a 1<undefined>"'],
]
for (const [name, args, wanted] of answers) {
  test(`${name}(${args.join(', ')}) is ${wanted}`, () => {
    const value = call(name, ...args)
    assert.equal(value === undefined ? 'undefined' : writeRego(value), wanted)
  })
}

const refusals: readonly (readonly [string, readonly string[], string])[] = [
  ['count', ['1'], 'operand 1 must be one of {array, object, set, string} but got number'],
  ['sum', ['["a"]'], 'operand 1 must be array of numbers but got array containing string'],
  ['concat', ['1', '[]'], 'operand 1 must be string but got number'],
  ['array.slice', ['[]', '0.5', '1'], 'operand 2 must be integer number but got floating-point number'],
  ['bits.and', ['1', '"a"'], 'operand 2 must be integer but got string'],
  ['bits.lsh', ['1', '-1'], 'operand 2 must be an unsigned integer number but got a negative integer'],
  ['numbers.range_step', ['0', '1', '0'], 'numbers.range_step: step must be a positive integer'],
  ['numbers.range', ['0', '10000000000'], 'range beyond the limit'],
  ['to_number', ['"x"'], 'strconv.ParseFloat: parsing "x": invalid syntax'],
  ['json.patch', ['[1]', '[{"op": "remove", "path": "01"}]'], 'no such index'],
  ['json.patch', ['{}', '[{"op": "add", "path": "/a/b", "value": 1}]'], 'no such path'],
  ['json.patch', ['{}', '[{"op": "jump", "path": ""}]'], "unrecognized op: 'jump'"],
  ['http.send', ['{"method": "get"}'], 'operand 1 missing required request parameters(s): {"url"}'],
  ['http.send', ['{"method": "get", "url": "http://127.0.0.1"}'], 'is turned off here'],
  ['substring', ['"a"', '-1', '1'], 'negative offset'],
  ['minus', ['1', '{1}'], 'operand 2 must be number but got set'],
  [
    'json.filter',
    ['{}', '[1]'],
    'operand 2 must be one of {set, array} containing string paths or array of path segments but got number',
  ],
]
for (const [name, args, wanted] of refusals) {
  test(`${name}(${args.join(', ')}) is refused: ${wanted}`, () => {
    assert.throws(
      () => call(name, ...args),
      (error) => error instanceof BuiltinError && error.message === wanted,
    )
  })
}
