// The Rego module `sallyport`: collects what every package under `data.policy` says into one `decision`.
// It is generated from the packages that are there, so that any depth of nesting works and nothing else is read.

/** What a package under `data.policy` defines. */
export interface PolicyPackage {
  /** Path below `data`, such as `['policy', 'database']`. */
  readonly path: readonly string[]
  /** The names of its rules. */
  readonly rules: ReadonlySet<string>
}

const collected = ['deny', 'hold', 'mask', 'filter', 'limit'] as const
/** What is collected about answers: each is a rule with `response_` before its name. */
const collectedOfAnswers = ['deny', 'mask', 'limit', 'header'] as const

/** The names of rules by which a policy says something of answers. */
export const responseRules: readonly string[] = ['allow', ...collectedOfAnswers].map((rule) => `response_${rule}`)

/** The text of the merging module for these packages; the same packages give the same bytes. */
export function mergeModule(packages: readonly PolicyPackage[]): string {
  const sorted = packages
    .map((item) => ({ item, ref: dataRef(item.path), name: item.path.join('.') }))
    .sort((a, b) => (a.ref < b.ref ? -1 : 1))
  const lines = [
    '# Generated: merges every package under data.policy. Deny overrides; order never matters.',
    'package sallyport',
    '',
  ]
  for (const { item, ref, name } of sorted) {
    if (item.rules.has('allow'))
      lines.push(`_allow contains ${JSON.stringify(`${name}.allow`)} if ${ref}.allow == true`, '')
    for (const rule of collected) {
      if (item.rules.has(rule)) lines.push(`_${rule} contains item if some item in ${ref}.${rule}`, '')
    }
    if (item.rules.has('record')) lines.push(`_record contains ${ref}.record`, '')
  }
  for (const rule of ['allow', ...collected, 'record']) {
    // A partial set that nobody adds to must still be there, empty.
    lines.push(`_${rule} contains item if some item in set()`, '')
  }
  lines.push(
    'default effect := "deny"',
    '',
    'effect := "hold" if {',
    '\tcount(_allow) > 0',
    '\tcount(_deny) == 0',
    '\tcount(_hold) > 0',
    '}',
    '',
    'effect := "allow" if {',
    '\tcount(_allow) > 0',
    '\tcount(_deny) == 0',
    '\tcount(_hold) == 0',
    '}',
    '',
    '# METADATA',
    '# entrypoint: true',
    'decision := {',
    '\t"effect": effect,',
    ...['allow', ...collected, 'record'].map((rule) => `\t"${rule}": _${rule},`),
    '}',
    '',
  )
  if (sorted.some(({ item }) => responseRules.some((rule) => item.rules.has(rule))))
    lines.push(...responseLines(sorted))
  for (const { item, ref } of sorted) {
    if (item.rules.has('may_approve')) lines.push(`_may_approve contains true if ${ref}.may_approve == true`, '')
  }
  const said = sorted.some(({ item }) => item.rules.has('may_approve'))
  // Where no package says who may, the reviewers that the hold names do.
  if (said) lines.push('_may_approve contains item if some item in set()', '', 'default may_approve := false', '')
  lines.push(
    '# METADATA',
    '# entrypoint: true',
    said ? 'may_approve if count(_may_approve) > 0' : 'may_approve := true',
    '',
  )
  const viewing = sorted.filter(({ item }) => item.rules.has('may_view'))
  for (const { ref } of viewing) lines.push(`_may_view contains true if ${ref}.may_view == true`, '')
  // Where no package says who may look at recordings, nobody may through the gateway.
  if (viewing.length > 0)
    lines.push(
      'default may_view := false',
      '',
      '# METADATA',
      '# entrypoint: true',
      'may_view if count(_may_view) > 0',
      '',
    )
  return lines.join('\n')
}

interface NamedPackage {
  readonly item: PolicyPackage
  readonly ref: string
  readonly name: string
}

/** The decision on answers: an answer goes on as its request did, unless a rule says which do. */
function responseLines(packages: readonly NamedPackage[]): readonly string[] {
  const lines: string[] = []
  for (const { item, ref, name } of packages) {
    if (item.rules.has('response_allow'))
      lines.push(
        `_response_allow contains ${JSON.stringify(`${name}.response_allow`)} if ${ref}.response_allow == true`,
        '',
      )
    for (const rule of collectedOfAnswers) {
      if (item.rules.has(`response_${rule}`))
        lines.push(`_response_${rule} contains item if some item in ${ref}.response_${rule}`, '')
    }
  }
  const names = ['allow', ...collectedOfAnswers]
  for (const rule of names) lines.push(`_response_${rule} contains item if some item in set()`, '')
  if (!packages.some(({ item }) => item.rules.has('response_allow')))
    lines.push('_response_allow contains "sallyport.request"', '')
  lines.push(
    'default _response_effect := "deny"',
    '',
    '_response_effect := "allow" if {',
    '\tcount(_response_allow) > 0',
    '\tcount(_response_deny) == 0',
    '}',
    '',
    '# METADATA',
    '# entrypoint: true',
    'response := {',
    '\t"effect": _response_effect,',
    ...names.map((rule) => `\t"${rule}": _response_${rule},`),
    '\t"record": _record,',
    '}',
    '',
  )
  return lines
}

function dataRef(path: readonly string[]): string {
  return `data${path.map((part) => (isName(part) ? `.${part}` : `[${JSON.stringify(part)}]`)).join('')}`
}

function isName(part: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(part)
}
