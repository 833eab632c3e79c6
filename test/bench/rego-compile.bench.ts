// Rego text to IR, warm: one module of growing length, and one edited file among many.
import { CompileCache, compileModules, type SourceModule } from '../../rego/compile/index.ts'
import { planEntrypoints } from '../../rego/plan/index.ts'

/** The bench's name. */
export const name = 'rego compile'

const warmRounds = 30
const editedFiles = 10

interface Row {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly ratio?: number
  readonly goal?: string
}

/** Milliseconds, medians; the ratios are to the time a line takes at 1,000 lines. */
export function run(): Promise<{ rows: Row[] }> {
  const first = median(() => compile([{ file: 'a.rego', text: policy(1000, 'bench') }]), warmRounds, warmRounds)
  const rows: Row[] = [{ name: '1,000 lines to IR, warm', value: first, unit: 'ms', goal: '<= 25' }]
  for (const lines of [5000, 10_000, 50_000]) {
    const sources = [{ file: 'a.rego', text: policy(lines, 'bench') }]
    const value = median(() => compile(sources), 1, 5)
    rows.push({
      name: `${lines.toLocaleString('en')} lines to IR, warm`,
      value,
      unit: 'ms',
      ratio: value / ((first * lines) / 1000),
      goal: 'ratio <= 1.5 (linear)',
    })
  }
  for (const shape of shapes) rows.push(growth(shape))
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
]

function lined(count: number, line: (at: number) => string): string {
  return Array.from({ length: count }, (_, at) => line(at)).join('\n')
}

/** What a line costs among 10,000, to what it costs among 1,000. */
function growth({ name, sources }: Shape): Row {
  const short = sources(1000)
  const long = sources(10_000)
  const before = median(() => compile(short), 10, 10)
  const value = median(() => compile(long), 1, 5)
  return { name, value, unit: 'ms', ratio: value / (before * 10), goal: 'ratio <= 2 (linear)' }
}

function compile(sources: readonly SourceModule[], cache?: CompileCache): void {
  const { compilation, diagnostics } = compileModules(sources, cache === undefined ? {} : { cache })
  if (compilation === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'))
  planEntrypoints(compilation, ['bench'])
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

/** A policy of about so many lines: rules that read the input and data, helpers with negation, messages. */
function policy(lines: number, packageName: string): string {
  const text = [`package ${packageName}`, '', 'import data.config', '']
  for (let index = 0; text.length < lines; index++) {
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
  }).sort((a, b) => a - b)
  return times[rounds >> 1] ?? Number.NaN
}
