import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BuiltinError } from '../../../rego/builtins/index.ts'
import { call } from './call.ts'

// The right-hand sides were printed by Go's fmt.
const cases: readonly (readonly [string, string, string])[] = [
  ['%v|%v|%v|%v', '[1000000.5, 123456789.25, 0.00001234, 1.5]', '1.0000005e+06|1.2345678925e+08|1.234e-05|1.5'],
  [
    '%.3g|%e|%f|%.2f|%6.2f|%-6.1f|%06.1f|%+.1f',
    '[1234.5678, 1.5, 1.5, 2.675, 1.5, 1.5, -1.5, 1.5]',
    '1.23e+03|1.500000e+00|1.500000|2.67|  1.50|1.5   |-001.5|+1.5',
  ],
  [
    '%d|%5d|%-5d|%05d|%+d|%x|%X|%#x|%o|%b',
    '[42, 42, 42, -42, 42, 255, 255, 255, 8, 5]',
    '42|   42|42   |-0042|+42|ff|FF|0xff|10|101',
  ],
  ['%c|%q|%U', '[128512, 97, 128512]', "\u{1f600}|'a'|U+1F600"],
  ['%s|%5s|%-5s|%.2s|%q|%x', '["hé", "a", "a", "héé", "a\\"b", "hi"]', 'hé|    a|a    |hé|"a\\"b"|6869'],
  ['%d|%s|%f', '["a", 1, 1]', '%!d(string=a)|%!s(int64=1)|%!f(int64=1)'],
  ['%d %d', '[1]', '1 %!d(MISSING)'],
  ['a', '[1, "b", 1.5]', 'a%!(EXTRA int64=1, string=b, float64=1.5)'],
  ['%*d|%-*d|%.*f', '[5, 42, 5, 42, 2, 1.5]', '   42|42   |1.50'],
  ['%', '[]', '%!(NOVERB)'],
  ['100%%', '[]', '100%'],
  ['%s %d', '[123456789123456789123, 123456789123456789123]', '123456789123456789123 123456789123456789123'],
  ['%1000001d %d', '[1]', '%!(NOVERB)%!(EXTRA int64=1)'],
  ['%*d|%.*f', '[1000001, 1, "x", 2.5]', '%!(BADWIDTH)1|%!(BADPREC)2.500000'],
  ['%[2]d %[1]d|%[3]d|%[x]d', '[1, 2]', '2 1|%!d(BADINDEX)|%!d(BADINDEX)'],
  ['%05d|%5.2f|%-6t|%q', '[1.0, 1, "a", 1.0]', '%!d(float64=00001)|%!f(int64=   01)|%!t(string=a     )|%!q(float64=1)'],
  ['%x|%.2X|%b|% x|%#x', '[1.5, 3.14159, 0.1, "hi", "hi"]', '0x1.8p+00|0X1.92P+01|7205759403792794p-56|68 69|0x6869'],
  ['%.0f %.0f %.2f %#.3g %T', '[0.5, 2.5, 2.675, 1, 1.5]', '0 2 2.67 %!g(int64=001) float64'],
  ['%v %s', '[{"a": {1, 2}}, [true, null]]', '{"a": {1, 2}} [true, null]'],
]
for (const [format, args, wanted] of cases) {
  test(`sprintf(${format}, ${args}) is ${wanted}`, () => {
    assert.equal(call('sprintf', JSON.stringify(format), args), wanted)
  })
}

test('a text beyond the limit is refused', () => {
  assert.throws(() => call('sprintf', JSON.stringify('%1000000d'.repeat(17)), `[${'1, '.repeat(16)}1]`), BuiltinError)
})
