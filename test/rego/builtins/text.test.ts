import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BuiltinError } from '../../../rego/builtins/index.ts'
import { writeRego } from '../../../rego/value/index.ts'
import { call } from './call.ts'

const answers: readonly (readonly [string, readonly string[], string])[] = [
  ['units.parse', ['"1.5Ki"'], '1536'],
  ['units.parse', ['"100m"'], '0.1000000000'],
  ['units.parse', ['"1M"'], '1000000'],
  ['units.parse_bytes', ['"1.5kib"'], '1536'],
  ['units.parse_bytes', ['"1e3"'], '1000'],
  ['base64.decode', ['"aGk="'], '"hi"'],
  ['base64.is_valid', ['"aGk"'], 'false'],
  ['base64url.encode', ['"a?>"'], '"YT8-"'],
  ['base64url.decode', ['"YT8-YQ"'], '"a?>a"'],
  ['hex.encode', ['"é"'], '"c3a9"'],
  ['json.marshal', ['{"b": {2, 1}, "a": "<"}'], '"{\\"a\\":\\"\\\\u003c\\",\\"b\\":[1,2]}"'],
  ['json.unmarshal', ['"[1.50]"'], '[1.50]'],
  ['json.is_valid', ['"{"'], 'false'],
  ['urlquery.encode', ['"a b/é*"'], '"a+b%2F%C3%A9%2A"'],
  ['urlquery.decode_object', ['"a=1&a=2&b"'], '{"a": ["1", "2"], "b": [""]}'],
  ['crypto.md5', ['"a"'], '"0cc175b9c0f1b6a831c399e269772661"'],
  ['crypto.hmac.equal', ['"a"', '"ab"'], 'false'],
  ['semver.compare', ['"1.0.0-rc.2"', '"1.0.0-rc.10"'], '-1'],
  ['semver.compare', ['"1.0.0"', '"1.0.0-rc"'], '1'],
  ['semver.is_valid', ['"1.01"'], 'false'],
  ['uuid.parse', ['"00000000-0000-4000-8000-000000000000"'], '{"variant": "RFC4122", "version": 4}'],
  [
    'uuid.parse',
    ['"00000000-0000-1000-8000-000000000000"'],
    '{"clocksequence": 0, "macvariables": "global:unicast", "nodeid": "00-00-00-00-00-00", "time": 6227451273709551616, "variant": "RFC4122", "version": 1}',
  ],
  ['uuid.parse', ['"x"'], 'undefined'],
  ['uuid.rfc4122', ['"k"'], '"07070707-0707-4707-8707-070707070707"'],
  ['regex.match', ['"^a+$"', '"aaa"'], 'true'],
  ['regex.find_n', ['"a*"', '"baac"', '-1'], '["", "aa", ""]'],
  ['regex.split', ['"[,;]"', '"a,b;c"'], '["a", "b", "c"]'],
  ['regex.replace', ['"foo bar"', '"(f)(o+)"', '"$2-$\u007b1}x$$"'], '"oo-fx$ bar"'],
  ['regex.find_all_string_submatch_n', ['"a(b)?"', '"aab"', '-1'], '[["a", ""], ["ab", "b"]]'],
  ['net.cidr_contains', ['"10.0.0.0/8"', '"10.1.2.0/24"'], 'true'],
  ['net.cidr_contains', ['"::ffff:10.0.0.0/104"', '"10.1.2.3"'], 'true'],
  ['net.cidr_intersects', ['"10.0.0.0/8"', '"2001:db8::/32"'], 'false'],
  [
    'net.cidr_merge',
    ['["10.0.0.0/25", "10.0.0.128/25", "2001:db8::/33", "2001:db8:8000::/33"]'],
    '{"10.0.0.0/24", "2001:db8::/32"}',
  ],
  ['net.cidr_expand', ['"10.0.0.1/31"'], '{"10.0.0.0", "10.0.0.1"}'],
  ['net.cidr_is_valid', ['"10.0.0.01/8"'], 'false'],
  ['time.date', ['[1582977600000000000, "America/Los_Angeles"]'], '[2020, 2, 29]'],
  ['time.clock', ['[1517832000000000000, "Asia/Kolkata"]'], '[17, 30, 0]'],
  ['time.clock', ['-1'], '[23, 59, 59]'],
  ['time.weekday', ['1517918400000000000'], '"Tuesday"'],
  ['time.add_date', ['1582977600123456789', '1', '0', '0'], '1614600000123456789'],
  ['time.add_date', ['[1572069600000000000, "Europe/Berlin"]', '0', '0', '1'], '1572159600000000000'],
  ['time.parse_rfc3339_ns', ['"2020-03-02T01:02:03.5+01:00"'], '1583107323500000000'],
  ['glob.match', ['"*.{a,b}.com"', '[]', '"x.b.com"'], 'true'],
  ['glob.match', ['"*.com"', '[]', '"x.y.com"'], 'false'],
  ['glob.match', ['"**.com"', '[]', '"x.y.com"'], 'true'],
  ['glob.match', ['"[!a-c]?"', 'null', '"d\\n"'], 'true'],
  ['glob.quote_meta', ['"*.com"'], '"\\\\*.com"'],
  ['regex.template_match', ['"urn:{[a-z]+}:x"', '"urn:foo:x"', '"{"', '"}"'], 'true'],
]
for (const [name, args, wanted] of answers) {
  test(`${name}(${args.join(', ')}) is ${wanted}`, () => {
    const value = call(name, ...args)
    assert.equal(value === undefined ? 'undefined' : writeRego(value), wanted)
  })
}

const refusals: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['units.parse', ['"1 Ki"'], /^units\.parse: spaces not allowed/],
  ['units.parse', ['"1Q"'], /^units\.parse: unit Q not recognized$/],
  ['units.parse_bytes', ['"kb"'], /^units\.parse_bytes: no byte amount provided$/],
  ['units.parse_bytes', ['"1e9999999"'], /^units\.parse_bytes: exponent too large$/],
  ['base64.decode', ['"a"'], /^illegal base64 data at input byte/],
  ['hex.decode', ['"zz"'], /^encoding\/hex: invalid byte/],
  ['json.unmarshal', ['"{"'], /expected an object key/],
  ['urlquery.decode', ['"%zz"'], /^invalid URL escape "%zz"$/],
  ['urlquery.encode_object', ['{"a": {"b": "c"}}'], /^operand 1 values must be string/],
  ['semver.compare', ['"1"', '"1.0.0"'], /^operand 1: string "1" is not a valid SemVer$/],
  ['net.cidr_contains', ['"10.0.0.0/33"', '"10.0.0.1"'], /^invalid CIDR address: 10\.0\.0\.0\/33$/],
  ['time.date', ['1e30'], /^timestamp too big$/],
  ['time.date', ['[0, "Nowhere/Land"]'], /^unknown time zone Nowhere\/Land$/],
  ['time.add_date', ['0', '2262', '1', '1'], /^time outside of valid range$/],
  ['time.parse_rfc3339_ns', ['"2020-02-30T00:00:00Z"'], /^parsing time/],
  ['net.cidr_expand', ['"::/0"'], /^network beyond the limit$/],
  ['glob.match', ['"[a"', '[]', '"a"'], /^malformed glob/],
  ['regex.match', ['"("', '""'], /^error parsing regexp/],
  ['regex.template_match', ['"{a"', '""', '"{"', '"}"'], /^unbalanced braces/],
]
for (const [name, args, wanted] of refusals) {
  test(`${name}(${args.join(', ')}) is refused`, () => {
    assert.throws(
      () => call(name, ...args),
      (error) => error instanceof BuiltinError && wanted.test(error.message),
    )
  })
}

test('a pattern that backtracking engines choke on is answered at once', () => {
  const before = process.cpuUsage()
  assert.equal(call('regex.match', '"^(a+)+$"', `"${'a'.repeat(5_000)}!"`), false)
  assert.ok(process.cpuUsage(before).user < 2_000_000)
})
