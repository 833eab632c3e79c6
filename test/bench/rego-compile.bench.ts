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
  rows.push({
    name: `one of ${editedFiles} files edited, 1,000 lines in all`,
    value: edit(),
    unit: 'ms',
    goal: '<= 10',
  })
  return Promise.resolve({ rows })
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
