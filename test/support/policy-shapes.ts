// Policies of any size in which one thing grows with the text: where looking at all that was before, or at every pair, would
// show. Each has one part that is repeated, and what the parts need besides.

/** A text for every size. */
export interface Shape {
  readonly name: string
  /** How many parts take long enough to be measured. */
  readonly parts: number
  readonly files: (parts: number) => readonly string[]
  /** Whether it ends in mistakes. */
  readonly isWrong?: boolean
}

/** The shapes. */
export const shapes: readonly Shape[] = [
  one('rules that replace in the next what they read', 500, (n) => [
    each(n, (at) => `r${at} if {\n\ta${at}\n\tr${at + 1} with data.p.a${at} as ${at}\n}\na${at} := input.y`),
    `r${n} := input.x`,
  ]),
  one('tests that each replace another rule', 300, (n) => [
    each(n, (at) => `a${at} if input.x == ${at}\nt${at} if a${at} with data.p.a${at} as true`),
  ]),
  one('schemas of one rule', 500, (n) => [
    '# METADATA\n# schemas:',
    each(n, (at) => `# - input.a${at}: {type: string}`),
    'r if input.a0 == "x"',
  ]),
  one('lookups into a large object', 600, (n) => [
    `x := {${each(n, (at) => `"k${at}": ${at}`, ', ')}}`,
    each(n, (at) => `r${at} := x[input.a${at}]`),
  ]),
  one('iterations of a large object', 400, (n) => [
    `x := {${each(n, (at) => `"k${at}": ${at}`, ', ')}}`,
    each(n, (at) => `r${at} if {\n\tsome y in x\n\ty == ${at}\n}`),
  ]),
  one(
    'references that are not in a large object',
    600,
    (n) => [`x := {${each(n, (at) => `"k${at}": ${at}`, ', ')}}`, each(n, (at) => `r${at} if x.z${at}`)],
    true,
  ),
  one('a chain of comprehensions', 600, (n) => [
    `r if {\n\tx0 := [1]\n${each(n, (at) => `\tx${at + 1} := [y | some y in x${at}]`)}\n}`,
  ]),
  one('a pattern against a pattern', 300, (n) => [
    `r if {\n\t[${each(n, (at) => `x${at}`, ', ')}] = [${each(n, (at) => `input.a${at}`, ', ')}]\n}`,
  ]),
  one('a pattern against a pattern that is bound from its end', 300, (n) => [
    `r if {\n\t[${each(n, (at) => `x${at}`, ', ')}] = [${each(n - 1, (at) => `x${at + 1}`, ', ')}, 1]\n}`,
  ]),
  one('a pattern of objects', 300, (n) => [`r if input.x = {${each(n, (at) => `"k${at}": [x${at}, _]`, ', ')}}`]),
  one('rules of one name', 800, (n) => [each(n, (at) => `r := "v${at}" if input.x == "k${at}"`)]),
  one('keys of one rule', 800, (n) => [each(n, (at) => `r["k${at}"] := ${at} if input.x`)]),
  one('rules with general references in their heads', 500, (n) => [
    each(n, (at) => `r.s${at}[k].t := ${at} if k := input.k`),
    'q := r',
  ]),
  one('functions of one name with patterns', 400, (n) => [
    each(n, (at) => `f({"t": "k${at}", "v": x}) := x + ${at}`),
    'q := f(input.x)',
  ]),
  one('rules that hold the one before', 400, (n) => ['r0 := input.x', each(n, (at) => `r${at + 1} := {"k": r${at}}`)]),
  one('expressions that are bound from their end', 400, (n) => [
    `r if {\n${each(n, (at) => `\tx${at} = x${at + 1} + 1`)}\n\tx${n} = input.x\n}`,
  ]),
  one('negations before all that they read', 400, (n) => [
    `r if {\n${each(n, (at) => `\tnot x${at} == 1`)}\n${each(n, (at) => `\tx${at} = input.a${at}`)}\n}`,
  ]),
  one('variables that nothing binds', 800, (n) => [each(n, (at) => `r${at} if x${at} == 1`)], true),
  one('imports', 800, (n) => [each(n, (at) => `import data.lib.f${at}`), each(n, (at) => `r${at} if f${at}`)]),
  one('templates', 300, (n) => [each(n, (at) => `r${at} := $"a{input.x} b{input.y} ${at}"`)]),
  one('metadata', 200, (n) => [
    each(n, (at) => `# METADATA\n# title: t${at}\n# custom: {a: 1}\nr${at} if input.x == ${at}`, '\n\n'),
  ]),
  one('defaults', 500, (n) => [each(n, (at) => `default r${at} := false\nr${at} if input.x == ${at}`)]),
  one('variables of one `some`', 400, (n) => [
    `r if {\n\tsome ${each(n, (at) => `x${at}`, ', ')}\n${each(n, (at) => `\tx${at} = input.a${at}`)}\n}`,
  ]),
  one('an array', 4000, (n) => [`r := [${each(n, String, ', ')}]`]),
  one('a set of objects', 800, (n) => [`r := {${each(n, (at) => `{"k${at}": ${at}}`, ', ')}}`]),
  one('an object of open values', 500, (n) => [`r := {${each(n, (at) => `"k${at}": input.a${at}`, ', ')}}`]),
  one('a string', 200_000, (n) => [`r := "${'\\n'.repeat(n)}"`]),
  {
    name: 'files of their own packages',
    parts: 300,
    files: (n) =>
      Array.from(
        { length: n },
        (_, at) => `package p${at}\nimport data.p${(at + 1) % n}.q\nr if q\nq if input.x == ${at}`,
      ),
  },
]

function one(name: string, parts: number, lines: (parts: number) => readonly string[], isWrong = false): Shape {
  return { name, parts, files: (count) => [`package p\n${lines(count).join('\n')}\n`], isWrong }
}

function each(count: number, part: (at: number) => string, between = '\n'): string {
  return Array.from({ length: count }, (_, at) => part(at)).join(between)
}
