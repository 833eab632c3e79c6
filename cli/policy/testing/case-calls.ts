// Records which case of a data-driven test is begun: `test_x[note] if ...` calls `internal.test_case([note])` as soon as its
// keys have values, so that a case which does not hold is known, and fails. Where it stands, the variables of its keys are named
// already: safety keeps it there when they have values by then.
import { visitBody, visitTerm } from '../../../rego/compile/index.ts'
import { type Body, type CallExpr, callExpr, operatorName, type Rule, type Term } from '../../../rego/syntax/index.ts'

const recorder = 'internal.test_case'

/** The rule with the call; `test` counts the segments of its ref up to the one that makes it a test. */
export function recordingCases(rule: Rule, test: number): Rule {
  const { ref, location } = rule.head
  const keys = ref.kind === 'ref' ? ref.path.slice(test - 1) : []
  if (keys.length === 0 || rule.default || callsRecorder(rule)) return rule
  const at = Math.max(0, ...namesIn(keys).map((name) => firstUse(rule.body, name) + 1))
  const call: CallExpr = callExpr(recorder, [{ kind: 'array', items: keys, location }], location)
  return { ...rule, body: [...rule.body.slice(0, at), call, ...rule.body.slice(at)] }
}

/** Where a name first stands in an expression that can give it a value, or only looks at it; -1 where it does nowhere. */
function firstUse(body: Body, name: string): number {
  return body.findIndex((expr) => {
    if (expr.kind === 'some') return false
    let found = false
    const term = (one: Term): boolean => {
      found ||= one.kind === 'var' && one.name === name
      return false
    }
    visitBody([expr], { term })
    return found
  })
}

/** The variables of keys. */
function namesIn(keys: readonly Term[]): readonly string[] {
  const names = new Set<string>()
  for (const key of keys)
    visitTerm(key, {
      term: (one) => {
        if (one.kind === 'var') names.add(one.name)
        return false
      },
    })
  return [...names]
}

function callsRecorder(rule: Rule): boolean {
  let found = false
  visitBody(rule.body, {
    expr: (expr) => {
      found ||= expr.kind === 'call' && operatorName(expr.operator) === recorder
      return false
    },
  })
  return found
}
