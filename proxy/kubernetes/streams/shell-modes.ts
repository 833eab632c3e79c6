// The ways in which a shell of a pod may be had, and the facts of each: what policies allow is one of the ways.
import type { KubeFacts } from '../../../engine/action/kube/index.ts'

/** How a shell is kept: only its opening judged, each line too, or each line as a command of its own. */
export type ShellMode = 'record' | 'lines' | 'wrapper'

const reasons: { readonly [mode in ShellMode]: readonly string[] } = {
  record: ['what is typed into a shell is not judged'],
  lines: ['what programs make of lines is not known'],
  wrapper: [],
}
const shells: ReadonlySet<string> = new Set(['sh', 'ash', 'bash', 'dash', 'ksh', 'mksh', 'zsh'])

/**
 * The ways to ask for what reads what is typed, in their order; none where nothing does. An exec of a shell is one; an
 * attach is one, whatever runs there; so is a new container with a shell that only an attach can type into.
 */
export function waysOf(facts: KubeFacts, configured: readonly ShellMode[] | undefined): readonly ShellMode[] {
  const { subresource, exec } = facts
  if (exec?.stdin !== true || exec.shell.complete) return []
  const isShell = subresource === 'attach' || shells.has(exec.shell.commands.at(-1)?.name ?? '')
  return isShell ? (configured ?? ['record']) : []
}

/** The facts of such a request in one of the ways. */
export function keptAs(facts: KubeFacts, mode: ShellMode): KubeFacts {
  const { exec, subresource } = facts
  if (exec === undefined) return facts
  // Of an attach it is not even known that a shell reads.
  const why = subresource === 'attach' && mode === 'record' ? exec.shell.reasons : reasons[mode]
  const others = facts.reasons.filter((one) => !exec.shell.reasons.includes(one))
  const all = [...new Set([...others, ...why])].sort()
  const shell = { ...exec.shell, complete: why.length === 0, reasons: why, mode }
  return { ...facts, exec: { ...exec, shell }, complete: all.length === 0, reasons: all }
}

/** The shell that runs single lines in place of the one that was asked for. */
export function shellOf({ subresource, exec }: KubeFacts): string {
  const asked = exec?.shell.commands.at(-1)
  return subresource === 'attach' || asked === undefined || !shells.has(asked.name) ? 'sh' : (asked.argv[0] ?? 'sh')
}
