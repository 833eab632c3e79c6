// The request for one command in the pod and container that a stream was asked for.
import { truthy } from './request-info.ts'
import { parseTarget, printPath, printQuery } from './target.ts'

const replaced: ReadonlySet<string> = new Set(['command', 'stdin', 'stdout', 'stderr', 'tty'])

/** The target of an exec of these words where `target` is an exec or attach that was judged. Throws TargetError. */
export function commandTarget(target: string, command: readonly string[], tty: boolean): string {
  const { segments, query } = parseTarget(target)
  const asked: (readonly [string, string])[] = [
    ...query.filter(([name]) => !replaced.has(name)),
    ...command.map((word) => ['command', word] as const),
    // Without a terminal what is typed is lines, and none of them is a command's to read.
    ...(tty
      ? ([
          ['stdin', 'true'],
          ['stdout', 'true'],
          ['tty', 'true'],
        ] as const)
      : ([
          ['stdout', 'true'],
          ['stderr', 'true'],
        ] as const)),
  ]
  return `${printPath({ segments: [...segments.slice(0, -1), 'exec'], trailingSlash: false })}?${printQuery(asked)}`
}

/** Which output a stream was asked for. */
export function outputsOf(target: string): { readonly stdout: boolean; readonly stderr: boolean } {
  const { query } = parseTarget(target)
  return { stdout: truthy(query, 'stdout'), stderr: truthy(query, 'stderr') }
}
