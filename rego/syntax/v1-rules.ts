// What v1 demands of the form of rules: `if` before bodies, `contains` for sets, a value or a body, no keyword as a name.
import type { Rule } from './ast.ts'
import type { Diagnostic } from './diagnostic.ts'

const keywords: ReadonlySet<string> = new Set(
  'as contains default else every false if import in not null package some true with'.split(' '),
)

/** The mistakes of one rule and its `else` rules. */
export function v1Faults(first: Rule): readonly Diagnostic[] {
  const faults: Diagnostic[] = []
  for (let rule: Rule | undefined = first; rule !== undefined; rule = rule.else) {
    const { location, head } = rule
    const what = head.args !== undefined && head.args.length > 0 ? 'function' : 'rule'
    const report = (message: string, help: string): void => {
      faults.push({ code: 'rego_parse_error', message, location, help })
    }
    const name = head.ref.kind === 'var' ? head.ref.name : ''
    if (keywords.has(name)) report(`${name} keyword cannot be used for rule name`, 'rename the rule')
    const called = head.args !== undefined && rule.generatedBody
    if (rule.generatedBody && !rule.default && head.value !== undefined && !rule.written.value && !called)
      report(
        `${what} must have value assignment and/or body declaration`,
        'give the rule a value with `:=` or a body with `if`',
      )
    if (!rule.generatedBody && !rule.written.if)
      report(`\`if\` keyword is required before ${what} body`, 'write `if` in front of the body')
    if (head.key !== undefined && !rule.written.contains)
      report('`contains` keyword is required for partial set rules', `write \`${name} contains ...\``)
  }
  return faults
}
