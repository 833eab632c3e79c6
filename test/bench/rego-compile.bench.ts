// Rego text to IR, warm: one module of growing length, and one edited file among many.
//
// Whether time grows with the lines and no faster is told by doing the same work twice in one process, in turns: all
// lines as one policy, and the same lines as policies of 1,000 lines each, one after the other. The results of both are
// kept until the end of their turn: what is kept must be moved out of the collector's nursery, which one policy of 1,000
// lines alone never is, and which says nothing of how a compile grows. The side that begins changes every round, so that
// each picks up as much of the other's garbage. Ratios are of processor time, medians of all rounds: on a machine that does
// other things, the clock tells who else was running.
import { CompileCache, type CompiledModules, compileModules, type SourceModule } from '../../rego/compile/index.ts'
import type { Policy } from '../../rego/ir/index.ts'
import { planEntrypoints } from '../../rego/plan/index.ts'

/** The bench's name. */
export const name = 'rego compile'

const warmRounds = 30
const editedFiles = 10
const growthRounds = 7
const pieceLines = 1000

interface Row {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly ratio?: number
  readonly goal?: string
}

/** Milliseconds, medians; the ratios are to the processor time of as many lines in policies of 1,000. */
export function run(): Promise<{ rows: Row[] }> {
  const first = median(() => compile([{ file: 'a.rego', text: policy(1000, 'bench') }]), warmRounds, warmRounds)
  const rows: Row[] = [{ name: '1,000 lines to IR, warm', value: first, unit: 'ms', goal: '<= 25' }]
  for (const lines of [5000, 10_000, 50_000]) {
    const whole = [{ file: 'a.rego', text: policy(lines, 'bench') }]
    const pieces = Array.from({ length: lines / pieceLines }, (_, piece) => [
      { file: 'a.rego', text: policy(pieceLines, 'bench', (piece * pieceLines) / linesEach) },
    ])
    rows.push({
      name: `${lines.toLocaleString('en')} lines to IR, warm`,
      ...inTurns(whole, pieces),
      goal: 'ratio <= 1.5 (linear)',
    })
  }
  for (const { name, sources } of shapes) {
    const pieces = Array.from({ length: 10_000 / pieceLines }, () => sources(pieceLines))
    rows.push({ name, ...inTurns(sources(10_000), pieces), goal: 'ratio <= 2 (linear)' })
  }
  rows.push({
    name: `one of ${editedFiles} files edited, 1,000 lines in all`,
    value: edit(),
    unit: 'ms',
    goal: '<= 10',
  })
  return Promise.resolve({ rows })
}

interface Shape {
  readonly name: string
  readonly sources: (lines: number) => readonly SourceModule[]
}

/** Texts in which one thing grows with all lines, where looking at all that was before would show. */
const shapes: readonly Shape[] = [
  {
    name: '10,000 lines in one body',
    sources: (lines) => [
      { file: 'a.rego', text: `package bench\np if {\n${lined(lines, (at) => `\tx${at} := input.a${at}`)}\n}\n` },
    ],
  },
  {
    name: '10,000 equations in one body, each bound by the next',
    sources: (lines) => [
      {
        file: 'a.rego',
        text: `package bench\np if {\n${lined(lines, (at) => `\tx${at} = x${at + 1} + 1`)}\n\tx${lines} = input.a\n}\n`,
      },
    ],
  },
  {
    name: '10,000 lines in 500 files of one package',
    sources: (lines) =>
      Array.from({ length: lines / 20 }, (_, file) => ({
        file: `${file}.rego`,
        text: `package bench\n${lined(6, (at) => `r${file}_${at} if {\n\tinput.x == ${at}\n}`)}\n`,
      })),
  },
  {
    name: '10,000 lines of tests that replace one rule',
    sources: (lines) => [
      {
        file: 'a.rego',
        text: `package bench\nq if input.x\nr if q\n${lined(lines / 3, (at) => `t${at} if {\n\tr with data.bench.q as ${at}\n}`)}\n`,
      },
    ],
  },
  {
    name: '10,000 lines of rules that each replace another in the next',
    sources: (lines) => [
      {
        file: 'a.rego',
        text: `package bench\n${lined(Math.floor(lines / 4), (at) => `r${at} if {\n\tr${at + 1} with data.bench.a${at} as ${at}\n}\na${at} := input.y`)}\nr${Math.floor(lines / 4)} := input.x\n`,
      },
    ],
  },
  {
    name: '10,000 lines of rules that each replace in the next what they read',
    sources: (lines) => [
      {
        file: 'a.rego',
        text: `package bench\n${lined(Math.floor(lines / 5), (at) => `r${at} if {\n\ta${at}\n\tr${at + 1} with data.bench.a${at} as ${at}\n}\na${at} := input.y`)}\nr${Math.floor(lines / 5)} := input.x\n`,
      },
    ],
  },
  {
    name: '10,000 equations beside patterns of all that they bind',
    sources: (lines) => {
      const names = (name: string): string => Array.from({ length: lines / 10 }, (_, at) => `${name}${at}`).join(', ')
      const text = `[${names('y')}] = [${names('x')}]\n${lined(lines, (at) => `\tx${at} = x${at + 1} + 1`)}`
      return [{ file: 'a.rego', text: `package bench\np if {\n\t${text}\n\tx${lines} = input.a\n}\n` }]
    },
  },
]

function lined(count: number, line: (at: number) => string): string {
  return Array.from({ length: count }, (_, at) => line(at)).join('\n')
}

/** One policy and the same lines in pieces, in turns: milliseconds of the whole, and its processor time to that of the pieces. */
function inTurns(
  whole: readonly SourceModule[],
  pieces: readonly (readonly SourceModule[])[],
): { readonly value: number; readonly unit: string; readonly ratio: number } {
  const sides = [{ policies: [whole] }, { policies: pieces }].map(({ policies }) => ({
    policies,
    elapsed: [] as number[],
    processor: [] as number[],
  }))
  for (let round = -1; round < growthRounds; round++) {
    for (const { policies, elapsed, processor } of round % 2 === 0 ? sides : sides.toReversed()) {
      const kept: Compiled[] = []
      const started = performance.now()
      const before = process.cpuUsage()
      for (const sources of policies) kept.push(compile(sources))
      const { user, system } = process.cpuUsage(before)
      // The first round warms.
      if (round < 0) continue
      elapsed.push(performance.now() - started)
      processor.push(user + system)
    }
  }
  const [long, short] = sides.map((side) => ({ elapsed: middle(side.elapsed), processor: middle(side.processor) }))
  return {
    value: long?.elapsed ?? Number.NaN,
    unit: 'ms',
    ratio: (long?.processor ?? Number.NaN) / (short?.processor ?? Number.NaN),
  }
}

interface Compiled {
  readonly compiled: CompiledModules
  readonly policy: Policy
}

function compile(sources: readonly SourceModule[], cache?: CompileCache): Compiled {
  const compiled = compileModules(sources, cache === undefined ? {} : { cache })
  const { compilation, diagnostics } = compiled
  if (compilation === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'))
  return { compiled, policy: planEntrypoints(compilation, ['bench']) }
}

function edit(): number {
  const files = Array.from({ length: editedFiles }, (_, index) => ({
    file: `${index}.rego`,
    text: policy(1000 / editedFiles, `bench.p${index}`),
  }))
  const cache = new CompileCache()
  let round = 0
  return median(
    () => {
      const at = round++ % editedFiles
      const edited = files.map((one, index) =>
        index === 0 ? { ...one, text: one.text.replace('"v0"', `"edit ${round}-${at}"`) } : one,
      )
      compile(edited, cache)
    },
    warmRounds,
    warmRounds,
  )
}

/** The lines that a policy has for each number. */
const linesEach = 17

/** A policy of about so many lines: rules that read the input and data, helpers with negation, messages. */
function policy(lines: number, packageName: string, from = 0): string {
  const text = [`package ${packageName}`, '', 'import data.config', '']
  for (let index = Math.ceil(from); text.length < lines; index++) {
    text.push(
      `r${index} if {`,
      `\tinput.action.verb == "v${index}"`,
      '\tsome g in input.identity.groups',
      `\tg == config.groups[${index % 7}]`,
      `\tnot helper${index}(g)`,
      '}',
      '',
      `helper${index}(x) if {`,
      `\tstartswith(x, "a${index}")`,
      `\tcount(split(x, "-")) > ${index % 5}`,
      '}',
      '',
      'deny contains msg if {',
      `\tr${index}`,
      `\tmsg := sprintf("%s is %d", [input.action.verb, ${index}])`,
      '}',
      '',
    )
  }
  return text.join('\n')
}

function median(once: () => void, warm: number, rounds: number): number {
  for (let round = 0; round < warm; round++) once()
  const times = Array.from({ length: rounds }, () => {
    const started = performance.now()
    once()
    return performance.now() - started
  })
  return middle(times)
}

function middle(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[times.length >> 1] ?? Number.NaN
}
