// strings.render_template answers what OPA answers.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BuiltinError } from '../../../rego/builtins/index.ts'
import { readJson } from '../../../rego/value/index.ts'
import { callWith } from './call.ts'

const data = readJson('{"n":0,"s":"a<b","b":true,"f":false,"z":null,"l":[1,"x",[2]],"o":{"k":"v","j":[1]},"e":[]}')
const render = (text: string) => callWith('strings.render_template', [text, data])

const answers: readonly (readonly [string, string])[] = [
  ['{{.n}} {{.s}} {{.b}} {{.z}} {{.q}} {{.l}} {{.o}}', '0 a<b true <undefined> <undefined> [1 x [2]] map[j:[1] k:v]'],
  ['{{.q.r}} {{.q.r.s}} {{(.q).r}} {{$v := .q}}{{$v.r}}', '<undefined> <undefined> <undefined> <undefined>'],
  ['{{if .q.r}}a{{else}}b{{end}}{{range .q.r}}a{{else}}b{{end}}{{with .q.r}}a{{end}} {{not .q.r}}', 'bb true'],
  [
    '{{html .q}} {{html .q .n}} {{js .z}} {{urlquery .q}}',
    '&lt;no value&gt; &lt;no value&gt;0 \\u003Cno value\\u003E %3Cno+value%3E',
  ],
  ['{{if .n}}y{{else}}n{{end}}', 'y'],
  ['{{range $i, $e := .l}}{{$i}}={{$e}};{{end}}{{range .e}}x{{else}}none{{end}}', '0=1;1=x;2=[2];none'],
  ['{{with .o}}{{.k}}{{end}} {{index .l 1}} {{len .s}}', 'v x 3'],
  ['{{html .s}} {{js .s}} {{urlquery .s}}', 'a&lt;b a\\u003Cb a%3Cb'],
  ['{{and .b .s}} {{or .f .s}} {{not .f}} {{eq .s "x" "a<b"}}', 'a<b a<b true true'],
  ['{{define "T"}}<{{.}}>{{end}}{{template "T" .s}}{{block "B" .n}}[{{.}}]{{end}}', '<a<b>[0]'],
  ['a {{- .s -}} b {{/* c */}}d', 'aa<bb d'],
  ['{{$x := .s}}{{$x}}{{$x = "n"}}{{$x}}', 'a<bn'],
  ['{{.s | printf "%s-%5s|%05d" "p" | len}}', '20'],
  ['{{printf "%5s|%-5s|%05d|%.2f|%x" "a" "b" 7 1.234 "hi"}}', '    a|b    |00007|1.23|6869'],
  ['{{printf "%d" .n}} {{printf "%d"}}', '%!d(json.Number=0) %!d(MISSING)'],
  ['{{range .l}}{{if eq (printf "%v" .) "x"}}{{break}}{{end}}{{.}},{{end}}', '1,'],
  ['{{1.5}} {{0x10}} {{1e30}} {{\'a\'}} {{"a\\tb"}} {{`r`}} {{range 3}}{{.}}{{end}}', '1.5 16 1e+30 97 a\tb r 012'],
]
for (const [text, wanted] of answers) test(`${text} is ${wanted}`, () => assert.equal(render(text), wanted))

const refusals: readonly (readonly [string, RegExp])[] = [
  ['{{.z.r}}', /nil pointer evaluating interface \{\}\.r/],
  ['{{eq .n 0}}', /incompatible types for comparison: json\.Number and int/],
  ['{{', /unclosed action/],
  ['{{.s.x}}', /can't evaluate field x/],
  ['{{foo}}', /function "foo" not defined/],
  ['{{index .l 9}}', /index out of range: 9/],
  ['{{template "none"}}', /template "none" not defined/],
  ['{{if .s}}a', /unexpected EOF/],
  ['{{end}}', /unexpected \{\{end\}\}/],
  ['{{define "T"}}{{template "T"}}{{end}}{{template "T"}}', /maximum template depth/],
  ['{{range 99999999}}x{{end}}', /range over too much/],
]
for (const [text, wanted] of refusals)
  test(`${text} is refused`, () => {
    assert.throws(
      () => render(text),
      (error) => error instanceof BuiltinError && wanted.test(error.message),
    )
  })
