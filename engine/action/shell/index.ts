// The contract of engine/action/shell: what a command line does, as far as it can be known from the line alone.
import type { ShellFacts } from './facts.ts'
import { readScript } from './parse.ts'
import { Findings } from './scan.ts'
import { runCommand } from './wrappers.ts'

export type * from './facts.ts'
export { lineCharsMax } from './scan.ts'

/** The facts of a command line that a shell reads, such as `ssh host 'line'`. */
export function analyzeLine(text: string, operation: ShellFacts['operation'] = 'exec'): ShellFacts {
  const findings = new Findings()
  readScript(text, findings, [], 0)
  return factsOf(operation, findings)
}

/** The facts of words that are run as they stand, without a shell in between. */
export function analyzeArgv(argv: readonly string[], operation: ShellFacts['operation'] = 'exec'): ShellFacts {
  const findings = new Findings()
  if (argv.length === 0) findings.doubt('there is no command')
  else runCommand({ argv, assignments: [], via: [], raw: [] }, findings, 0, readScript)
  return factsOf(operation, findings)
}

function factsOf(operation: ShellFacts['operation'], findings: Findings): ShellFacts {
  const reasons = [...findings.reasons].sort()
  return {
    operation,
    commands: findings.commands,
    redirects: findings.redirects,
    complete: reasons.length === 0,
    reasons,
  }
}
