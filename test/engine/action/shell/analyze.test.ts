// What the analyzer says of command lines, against what shells really ran (fixtures/shell/lines.jsonl, see its README).
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { analyzeArgv, analyzeLine, lineCharsMax } from '../../../../engine/action/shell/index.ts'

interface Traced {
  readonly line: string
  readonly runs: readonly string[]
}
const corpusOf = (name: string): readonly Traced[] =>
  readFileSync(new URL(`../../../../fixtures/shell/${name}.jsonl`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text))
const corpus = corpusOf('lines')

test('no traced line runs a command that a complete analysis lacks', () => {
  const misses = [...corpus, ...corpusOf('hostile')].filter(({ line, runs }) => {
    const { commands, complete } = analyzeLine(line)
    const names = new Set(commands.map(({ name }) => name))
    return complete && runs.some((name) => !names.has(name))
  })
  assert.deepEqual(misses, [])
  assert.ok(corpus.length >= 300)
  assert.ok(corpus.filter(({ runs }) => runs.length > 0).length >= 300, 'most lines run something')
  const complete = corpus.filter(({ line }) => analyzeLine(line).complete).length
  assert.ok(complete / corpus.length >= 0.7, `only ${complete} of ${corpus.length} are understood`)
})

const argvs: readonly [string, readonly string[]][] = [
  ['ls -la /tmp', ['ls -la /tmp']],
  [`echo 'a b' "c d" e\\ f`, ['echo a b c d e f']],
  ['sudo -u bob rm -rf "$x"', ['sudo -u bob rm -rf ?', 'rm -rf ?']],
  ['find . -name "*.x" -exec rm {} \\;', ['find . -name *.x -exec rm {} ;', 'rm ?']],
  ['xargs -n1 rm < list', ['xargs -n1 rm', 'rm ?']],
  [`sh -c 'ls; rm x'`, ['sh -c ls; rm x', 'ls', 'rm x']],
  ['env -i A=b ls', ['env -i A=b ls', 'ls']],
  ['A=1 ls', ['ls']],
  ['LC_ALL=C LANG=de_DE.UTF-8@euro ls', ['ls']],
  ['ls *.txt ~ {a,b} $x', ['ls ? ? ? ?']],
  ['cat <<E\n$(id)\nE', ['cat', 'id']],
  ['ls {"x y",z} a{b,"c d"} {} "{a,b}"', ['ls ? ? {} {a,b}']],
  [`echo \${x:-'}'}; id #'`, ['echo ?', 'id']],
  ['echo "$(ls # )\nid)"', ['ls', 'id', 'echo ?']],
  ["sh -c 'for x do id; done' _ 1", ['sh -c for x do id; done _ 1', 'id']],
  ['for x\nin a; do id; done', ['id']],
  ['echo $(echo "a)" $(id))', ['id', 'echo a) ?', 'echo ?']],
  ['xargs -I% ls % < f', ['xargs -I% ls %', 'ls ? ?']],
  ["[ 1 -eq 2 ] && ls >& out/f.log && sed 's/[^a-z]x[0-9]*/b/' f", ['[ 1 -eq 2 ]', 'ls', 'sed s/[^a-z]x[0-9]*/b/ f']],
  ["printf '%%n %s\\n' x", ['printf %%n %s\\n x']],
  ['ulimit -n 64; exec -c ls', ['ulimit -n 64', 'exec -c ls', 'ls']],
  ['(ls) > f; { date; } > f; if id; then ls; fi < f', ['ls', 'date', 'id', 'ls']],
  ['[ a == b ] 2>f; x=1 >f', ['[ a == b ]']],
  ['echo $(cat <<E\nx\nE\n)', ['cat', 'echo ?']],
  [`echo "\${x:-a (b)}"`, ['echo ?']],
  ['find . -exec ls {} +', ['find . -exec ls {} +', 'ls ?']],
  ["printf -- '%s$' x=y", ['printf -- %s$ x=y']],
  ['getent passwd root', ['getent passwd root']],
]
for (const [line, wanted] of argvs) {
  test(`reads ${JSON.stringify(line)}`, () => {
    const { commands, complete, reasons } = analyzeLine(line)
    assert.deepEqual(
      commands.map(({ argv }) => argv.map((word) => word ?? '?').join(' ')),
      wanted,
    )
    assert.ok(complete, reasons.join(', '))
  })
}

test('redirections, assignments and the way a command is reached', () => {
  const { commands, redirects } = analyzeLine('X=1 sudo A=2 ls > out 2>&1 < "$in"')
  assert.deepEqual(redirects, [
    { operator: '>', target: 'out', writes: true },
    { operator: '>&', target: '1', writes: false },
    { operator: '<', target: null, writes: false },
  ])
  assert.deepEqual(
    commands.map(({ name, via, assignments }) => [name, via, assignments]),
    [
      ['sudo', [], [{ name: 'X', value: '1' }]],
      ['ls', ['sudo'], [{ name: 'A', value: '2' }]],
    ],
  )
})

const incomplete: readonly [string, RegExp][] = [
  ["ls >&'$(date)'", /expanded twice/],
  ['ls >&$x', /expanded twice/],
  ['[[ a\ndate ]]', /a test can run commands/],
  ["x='a[$(date)]'; [ x -eq 1 ]", /evaluates what it compares/],
  ["x='a[$(date)]'; test -n x -a 1 -lt x", /evaluates what it compares/],
  ['shift x', /evaluates its argument/],
  ['ulimit -n x', /evaluates its argument/],
  ["echo datea | sed 's/[^]x/]$/;s/e;#/x/'", /script of `sed`/],
  ["sed 's/[]x/]$/;s/e;#/x/' f", /script of `sed`/],
  ['bash --login -c ls', /reads files before/],
  ["printf 'abc%n' PATH; ls", /sets a variable/],
  ["printf '%s%-5ln' a IFS", /sets a variable/],
  ["printf -- 'abc%n' PATH; ls", /sets a variable/],
  ["printf 'abc%1$n' PATH; ls", /sets a variable/],
  ["read 'PATH?a'; ls", /PATH/],
  ['export IFS+=x', /IFS/],
  ['path=/tmp; ls', /path/],
  ["STTY='; date' ls", /STTY/],
  ['ARGV0=sh busybox ls', /ARGV0/],
  ['getent -s x/y passwd root', /getent/],
  ['getent passwd $x', /getent/],
  ['curl --ntlm-wb -u : http://x', /curl/],
  ['curl -E PKCS11:x https://x', /curl/],
  ['systemctl --help', /not known/],
  ['sudo -A ls', /option of `sudo`/],
  ['find . -exec echo {} x + -exec ls \\;', /read differently/],
  ['find . -ok ls {} + x \\;', /read differently/],
  ['{ echo } always { touch x; }', /`}`/],
  ['find . $=x', /expansion/],
  ['cat <f $~x', /expansion/],
  ['find =x', /not in the line/],
  ['rm a <1-5>f', /pattern/],
  ['echo a >! f', /`>!`/],
  ['< f', /without a command/],
  [`echo \${x:-*(e:'touch y':)}`, /a bracket in braces/],
  ['echo $({ ls <<\\E\nx\nE\nrm b; ls c; })', /beside a here-document/],
  ['ls; > f', /without a command/],
  ['if ls; then < f; fi', /without a command/],
  ['curl --expand-config x', /can run commands/],
  ['exec -l bash -c ls', /option of `exec`/],
  ['exec -a sh busybox ls', /option of `exec`/],
  ['SYSTEM_WGETRC=f wget http://x', /changes what commands do/],
  ['echo cm0K | base64 -d | sh', /`sh` runs what is not in the line/],
  ['eval "$x"', /eval/],
  ['. ./env', /runs a file/],
  ['./deploy', /is a file/],
  ['/tmp/ls', /is a file/],
  ['python3 -c 1', /program of its own/],
  ['LD_PRELOAD=x ls', /LD_PRELOAD/],
  ['env PATH=. ls', /PATH/],
  ['sudo --unknown ls', /option of `sudo`/],
  ["vim -c ':!id'", /not known/],
  ['git status', /not known/],
  [`sed 's/a/b/e' f`, /sed/],
  [`awk 'BEGIN{system("id")}'`, /awk/],
  ['echo "a', /quote does not end/],
  ['echo $(a', /bracket does not close/],
  ['cat <<E\nx', /here-document does not end/],
  ['ls \0', /NUL/],
  [`${'$('.repeat(100)}${')'.repeat(100)}`, /nest too deep/],
  [`echo ${'x'.repeat(lineCharsMax)}`, /too long/],
  ['$cmd', /not in the line/],
  ['echo a &>f id', /`&>`/],
  ["echo $'\\'; id #'", /quote/],
  ['ls 12>f', /number of a redirection/],
  [': {PATH}>f; ls', /sets a variable/],
  ['printf -vPATH /tmp; ls', /printf -v/],
  ['read -raPATH < f; ls', /PATH/],
  [`: \${CDPATH:=/tmp}; cd x`, /CDPATH/],
  ["SECONDS='a[$(id)]'", /SECONDS/],
  ["env RANDOM='a[$(id)]' sh -c ls", /RANDOM/],
  ['let --version', /let/],
  ['export LC_ALL=ja_JP.SJIS', /LC_ALL/],
  ['LANG=zh_TW ls', /LANG/],
  ['ip net exec x id', /ip/],
  ['ip --batch f', /ip/],
  ['nice -n $x ls', /option of `nice`/],
  ['timeout $x ls', /timeout/],
  ['flock $x ls', /flock/],
  ['awk -F $x {print}', /awk/],
  ['xargs -I ls ls', /not in the line/],
  ['xargs nice -n', /option of `nice`/],
  ['curl --engine /tmp/x.so https://x', /curl/],
  ['curl -sK f', /curl/],
  ['OPENSSL_CONF=x curl https://x', /OPENSSL_CONF/],
  [`echo \${ id; }`, /expansion/],
  [`echo \${x:-{}; id #}`, /brace/],
  [`echo "\${x:-'}'}"`, /quote/],
  ['cat <<"$x"\n$x\nid\n"$x"', /here-document/],
  ['cat <<E\nE\\\n\nid\nE', /here-document/],
  ['cat <<E $(ls\nE\nid)\nE', /here-document/],
  ['echo "$\\\n(id)"', /end of a line/],
  ['echo $(\\\n(id))', /\(\(/],
  ['echo "`echo \\"a\\"`"', /quote/],
  ['ls () { id; }; ls', /function/],
  ['ls ) id', /closes nothing/],
  ['(ls', /does not close/],
  ['chroot /x ls', /another root/],
  ['sudo -R /x ls', /option of `sudo`/],
  ['zsh -c ls', /zsh/],
  ["[ 'a[$(id)]' -eq 1 ]", /subscripts/],
  ["printf %d 'a[$(id)]'", /subscripts/],
  ["shift 'a[$(id)]'", /evaluates its argument/],
  ["sed 's/[/]/;s/w f/p/p'", /sed/],
]
for (const [line, reason] of incomplete) {
  test(`does not claim to understand ${JSON.stringify(line.slice(0, 40))}`, () => {
    const { complete, reasons } = analyzeLine(line)
    assert.equal(complete, false)
    assert.match(reasons.join('; '), reason)
  })
}

test('words without a shell are taken as they stand', () => {
  assert.deepEqual(analyzeArgv(['ls', '$(rm x)', ';']).commands, [
    { argv: ['ls', '$(rm x)', ';'], name: 'ls', via: [], assignments: [] },
  ])
  assert.equal(analyzeArgv(['ls', '$(rm x)']).complete, true)
  const nested = analyzeArgv(['sh', '-c', 'rm x'])
  assert.deepEqual(
    nested.commands.map(({ name }) => name),
    ['sh', 'rm'],
  )
  assert.equal(nested.complete, true)
  assert.equal(analyzeArgv([]).complete, false)
})

test('no text throws, and what is understood has an empty list of reasons', () => {
  const pieces = fc.constantFrom(
    'ls',
    ' ',
    '"',
    "'",
    '$(',
    ')',
    '`',
    '\\',
    '\n',
    ';',
    '|',
    '&',
    '<',
    '>',
    '<<E',
    'E',
    '{',
    '}',
    '((',
    '[[',
    ']]',
    '$',
    '#',
    '=',
    'x',
    'if',
    'then',
    'fi',
    'case',
    'esac',
    '${',
    '~',
    '*',
    'sudo',
    'sh -c',
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(pieces, { maxLength: 30 }).map((parts) => parts.join('')),
      ),
      (line) => {
        const { complete, reasons } = analyzeLine(line)
        assert.equal(complete, reasons.length === 0)
      },
    ),
    { numRuns: 3000 },
  )
})
