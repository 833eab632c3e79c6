// Command lines that are put together, and spoiled, at random: what real shells run and write for a line that the
// analysis calls complete is what it says.
import { analyzeLine } from '../../engine/action/shell/index.ts'
import { createTracer, tracingMissing, unsaid } from '../support/shell-trace.ts'

export const name = 'shell'

const programs = ['numfmt', 'ptx', 'pathchk', 'vmstat'] as const
const spoilers = [
  ...programs,
  ...` ;|& && || < > >> \\ " ' \` $ $( ) ( { } \${x:- \${x# $(( )) 1 2 # ! = x= $x &>f >& <& 2>&1 <<< <( >( $' \\' \\" * ? ~ a f e - --`.split(
    ' ',
  ),
  ...`$@ $" {a, .. "$( )" "\` \`" "\${x:- }" \\\` \\$ \\) $[ +( @( %`.split(' '),
  ...[' ', ' ', '\n', '\t', '\r', '\\\n', '<<E\n', '<<-E\n', '\nE\n', 'E\\\n', '&\n', '|\n', '# )', ' #', "'\n"],
  ...[
    'if ',
    '; then ',
    '; fi',
    'for x in a; do ',
    'for x do ',
    '; done',
    'case x in x) ',
    ';; esac',
    '[ ',
    ' ]',
    '[[ ',
  ],
  ...[' ]]', 'env ', 'nice ', 'command ', 'exec ', 'xargs ', 'sh -c ', 'x() { ', '; }', '{ ', 'time ', 'function f '],
] as const

/** Lines by a grammar of what shells read differently, or analyses have misread. */
class Lines {
  readonly #random: () => number

  constructor(random: () => number) {
    this.#random = random
  }

  next(): string {
    let line =
      this.#random() < 0.2
        ? Array.from({ length: 2 + this.#below(12) }, () => this.#pick(spoilers)).join('')
        : this.#list(1 + this.#below(4))
    for (let left = this.#below(4); left > 0; left--) {
      const at = this.#below(line.length + 1)
      const spoiler = this.#random() < 0.6 ? this.#pick(spoilers) : ''
      line = line.slice(0, at) + spoiler + line.slice(spoiler === '' ? at + 1 + this.#below(3) : at)
    }
    return line
  }

  #below(bound: number): number {
    return Math.floor(this.#random() * bound)
  }

  #pick<T>(from: readonly [T, ...T[]]): T {
    return from[this.#below(from.length)] ?? from[0]
  }

  #simple(): string {
    return `${this.#pick(programs)} ${this.#pick(['a', '', "'c'", '"d e"', '$x', 'a\\ b'])}`
  }

  #list(depth: number): string {
    if (depth === 0) return this.#simple()
    const inner = this.#list(depth - 1)
    const one = this.#simple()
    const odd = this.#pick(["'}'", '"}"', '\\}', '{', 'a', "'", `$(${inner})`])
    const quoted = inner.replace(/[\\`$]/g, '\\$&')
    return this.#pick<() => string>([
      () => `${inner}${this.#pick(['; ', '\n', ' && ', ' || ', ' | ', ' & ', ' |\n'])}${this.#list(depth - 1)}`,
      () => this.#pick([`(${inner})`, `{ ${inner}; }`, `! ${inner}`, `${one} <(${inner})`]),
      () =>
        this.#pick([`${one} $(${inner})`, `${one} "$(${inner})"`, `${one} \`${quoted}\``, `${one} "\`${quoted}\`"`]),
      () => `${one} <<E\n${this.#pick(['', `$(${inner})`, '\\', "it's", '"', ')', 'E\\', `\`${one}\``])}\nE\n${inner}`,
      () =>
        `${one} <<${this.#pick(["'E'", '"E"', '\\E'])}\n${this.#pick(['$(', ')', '\\', 'E\\', "'", '`'])}\nE\n${inner}`,
      () => `if ${one}; then ${inner}; fi`,
      () => this.#pick([`for x in a b; do ${inner}; done`, `sh -c 'for x do ${one}; done' _ 1; ${inner}`]),
      () => `sh -c '${inner.replaceAll("'", "'\\''")}'`,
      () => this.#pick([`${one} \${x:-${odd}}`, `${one} "\${x:-${odd}}"`, `${one} \${x#${odd}}`]),
      () =>
        `${inner} ${this.#pick(['>', '>>', '2>', '12>', '>|', '&>', '>&', '<', '<>'])}${this.#pick(['f', ' g', '"h i"', '$x'])} ${this.#pick(['', one])}`,
      () =>
        `${this.#pick(['env', 'nice', 'command', 'exec', 'xargs', 'nohup', 'timeout 5', 'nice -n $x', 'env A=1', 'xargs -I% ', 'xargs -I ptx'])} ${inner}`,
      () =>
        `${one} ${this.#pick(["$'a\\'b'", "$'a'", '$"a"', "'a'\\''b'", '{a,b}', '{"a b",c}', 'a{1..2}', 'x{,}', '"a"{b,"c d"}'])}; ${inner}`,
      () => `x=${this.#pick(['1', '"a b"', "'5 ptx'", `$(${one})`])}${this.#pick([' ', ';', '\n'])} ${inner}`,
      () => `${one} # ${this.#pick([')', "'", '"', '`', '\\'])}\n${inner}`,
      () => `${one} $((1+${this.#pick(['1', '2*3', '(1)', 'x'])})); ${inner}`,
    ])()
  }
}

/** Nothing that leaves the folder a line runs in, and nothing that is long. */
function isHarmless(line: string): boolean {
  return !line.includes('/') && line.length < 600
}

/** Compares until the deadline. */
export async function run(random: () => number, deadlineMs: number): Promise<{ cases: number; failures: string[] }> {
  if (tracingMissing() !== undefined) return { cases: 0, failures: [] }
  const tracer = createTracer(programs)
  const lines = new Lines(random)
  const failures: string[] = []
  let cases = 0
  while ((cases === 0 || Date.now() < deadlineMs) && failures.length < 5) {
    const line = lines.next()
    const facts = analyzeLine(line)
    cases++
    if (!facts.complete || !isHarmless(line)) continue
    const what = unsaid(facts, tracer.trace(line)).filter((one) => !one.endsWith(' wrote nohup.out'))
    if (what.length > 0) failures.push(`${JSON.stringify(line)}: ${what.slice(0, 3).join(', ')}`)
  }
  tracer.close()
  return { cases, failures }
}
