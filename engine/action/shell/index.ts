// The contract of engine/action/shell: what a command line does, as far as it can be known from the line alone.
import type { ShellFacts } from './facts.ts'
import { readScript } from './parse.ts'
import { Findings } from './scan.ts'
import { type Transfer, transferOf } from './transfers.ts'
import { runCommand } from './wrappers.ts'

export type * from './facts.ts'
export { isPlainLocale } from './programs.ts'
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

/** The transfer that the whole line is; undefined where it does anything beside. */
function transferOnly({ commands, redirects }: Findings): Transfer | undefined {
  const [command, ...others] = commands
  if (command === undefined || others.length > 0 || redirects.length > 0 || command.assignments.length > 0)
    return undefined
  return command.via.length > 0 ? undefined : transferOf(command.argv)
}

function factsOf(operation: ShellFacts['operation'], findings: Findings): ShellFacts {
  const reasons = [...findings.reasons].sort()
  const transfer = operation === 'exec' ? transferOnly(findings) : undefined
  return {
    operation: transfer?.operation ?? operation,
    commands: findings.commands,
    redirects: findings.redirects,
    complete: reasons.length === 0,
    reasons,
    ...(transfer === undefined ? {} : { file: transfer.file }),
  }
}
