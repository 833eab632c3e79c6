// URIs, YAML and times: what policies read, and what is refused.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { numberFromBigInt, RegoObject, type Value, writeJson } from '../../../rego/value/index.ts'
import { callWith } from './call.ts'

function call(name: string, ...args: readonly Value[]): string | undefined {
  const result = callWith(name, args)
  return result === undefined ? undefined : writeJson(result)
}

const answers: readonly [string, readonly Value[], string][] = [
  [
    'uri.parse',
    ['http://u:p@[::1%25eth0]:80/a%2Fb?x=1#f%20g'],
    '{"fragment":"f g","hostname":"::1%eth0","path":"/a/b","port":"80","raw_path":"/a%2Fb","raw_query":"x=1","scheme":"http"}',
  ],
  ['uri.parse', ['mailto:a@b'], '{"scheme":"mailto"}'],
  ['uri.parse', ['//h/p'], '{"hostname":"h","path":"/p","raw_path":"/p"}'],
  ['uri.is_valid', ['http://exa%6dple.com/'], 'false'],
  ['uri.is_valid', ['1a:b'], 'false'],
  ['uri.is_valid', [7], 'false'],
  [
    'yaml.unmarshal',
    ['a: yes\nb: 010\nc: 0o17\nd: 2020-01-01\ne: 1:30\nh: 1.5\nk: 12345678901234567890'],
    '{"a":true,"b":8,"c":15,"d":"2020-01-01","e":"1:30","h":1.5,"k":12345678901234567890}',
  ],
  ['yaml.unmarshal', ['x: &a [1]\nz: *a\nx: &a [1]'], '{"x":[1],"z":[1]}'],
  ['yaml.unmarshal', [''], 'null'],
  ['yaml.marshal', [new RegoObject([['k', 'yes']])], '"k: \\"yes\\"\\n"'],
  ['yaml.is_valid', ['a: ['], 'false'],
  ['yaml.is_valid', [`${'- '.repeat(200)}1`], 'true'],
  ['yaml.is_valid', [`${'- '.repeat(201)}1`], 'false'],
  ['yaml.is_valid', ['a: [1]'], 'true'],
  [
    'time.format',
    [[numberFromBigInt(1670006453141828752n), 'Asia/Kolkata', 'RFC1123Z']],
    '"Sat, 03 Dec 2022 00:10:53 +0530"',
  ],
  ['time.parse_ns', ['2006-01-02', '2020-02-29'], '1582934400000000000'],
  ['time.parse_ns', ['Jan _2 06 3:04PM', 'Feb  9 21 4:05AM'], '1612843500000000000'],
  ['time.parse_ns', ['RFC3339', '2017-06-02T19:00:00-07:00'], '1496455200000000000'],
  ['time.parse_duration_ns', ['-1h2m3.5s'], '-3723500000000'],
  ['time.parse_duration_ns', ['1y2w3d4h'], '33019200000000000'],
  ['time.parse_duration_ns', ['-1.5d'], '-129600000000000'],
  ['time.diff', [0, 86_461_000_000_000], '[0,0,1,0,1,1]'],
]
for (const [name, args, wanted] of answers) {
  test(`${name} of ${args.map((arg) => writeJson(arg)).join(', ')}`, () => {
    assert.equal(call(name, ...args), wanted)
  })
}

const refusals: readonly [string, readonly Value[], RegExp][] = [
  ['uri.parse', ['http://exa%6dple.com/'], /invalid URL escape "%6d"/],
  ['uri.parse', [':x'], /missing protocol scheme/],
  ['uri.parse', ['http://h:x/'], /invalid port ":x" after host/],
  ['uri.parse', ['a\u0001'], /control character/],
  ['uri.parse', ['http://[::1/'], /missing '\]' in host/],
  ['yaml.unmarshal', ['[1,2,3'], /yaml: line 1: did not find/],
  ['yaml.unmarshal', ['? [1]\n: 2'], /map key/],
  ['yaml.unmarshal', ['null: 2'], /map key/],
  // The library makes nodes by recursion, and a stack that ran out could end the process.
  ['yaml.unmarshal', ['['.repeat(50_000)], /document nests too deep/],
  ['yaml.unmarshal', ['{a: '.repeat(50_000)], /document nests too deep/],
  ['yaml.unmarshal', ['- '.repeat(50_000)], /document nests too deep/],
  ['yaml.unmarshal', ['? '.repeat(50_000)], /document nests too deep/],
  [
    'yaml.unmarshal',
    [Array.from({ length: 400 }, (_, at) => `${' '.repeat(at)}a:`).join('\n')],
    /document nests too deep/,
  ],
  ['yaml.unmarshal', ['a: "\\ud800"'], /invalid Unicode character escape code/],
  ['yaml.unmarshal', ['"\\udc00": 1'], /invalid Unicode character escape code/],
  ['yaml.unmarshal', ['x: .inf'], /unsupported value/],
  [
    'yaml.unmarshal',
    [
      `a: &a [x,x,x,x,x,x,x,x,x]\n${['b', 'c', 'd', 'e', 'f'].map((k, i) => `${k}: &${k} [${Array(9).fill(`*${'abcde'[i]}`).join(',')}]`).join('\n')}`,
    ],
    /alias/,
  ],
  ['time.parse_ns', ['2006-01-02', '2021-02-29'], /parsing time "2021-02-29": day out of range$/],
  ['time.parse_ns', ['2006', '2020x'], /parsing time "2020x": extra text: "x"$/],
  ['time.parse_duration_ns', ['1 h'], /time: unknown unit " h" in duration "1 h"$/],
  ['time.parse_duration_ns', ['99999999999h'], /invalid duration/],
  ['time.parse_duration_ns', ['293y'], /invalid duration/],
  ['time.parse_duration_ns', ['1mo'], /time: unknown unit "mo" in duration "1mo"$/],
  ['time.format', [[0, 'Nowhere/Land']], /unknown time zone/],
]
for (const [name, args, message] of refusals) {
  test(`${name} refuses ${args
    .map((arg) => writeJson(arg))
    .join(', ')
    .slice(0, 60)}`, () => {
    assert.throws(() => call(name, ...args), message)
  })
}
