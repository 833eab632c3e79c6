// The command of an exec, an attach or an ephemeral container: from the query, or from the body.
import type { ShellFacts } from '../shell/facts.ts'
import type { KubeFacts, KubeJson } from './facts.ts'
import { at, list, text, texts } from './json-access.ts'
import { commandWordsMax } from './limits.ts'
import { parameter, truthy } from './request-info.ts'
import type { Target } from './target.ts'

type Exec = NonNullable<KubeFacts['exec']>

/** Reads a command's words; the shell analyzer, or something that knows less. */
export type ArgvAnalyzer = (argv: readonly string[]) => ShellFacts

/** The facts of an exec by its query; the API server takes them from nowhere else. */
export function execOfQuery(query: Target['query'], analyze: ArgvAnalyzer): Exec {
  const command = query.flatMap(([name, value]) => (name === 'command' ? [value] : []))
  return execOf(parameter(query, 'container'), command, truthy(query, 'tty'), truthy(query, 'stdin'), analyze)
}

/** The facts of an attach: whatever runs there already reads what is typed. */
export function attachOfQuery(query: Target['query']): Exec {
  const stdin = truthy(query, 'stdin')
  const shell: ShellFacts = {
    operation: 'session',
    commands: [],
    redirects: [],
    complete: !stdin,
    reasons: stdin ? ['what reads the input of an attach is not known'] : [],
  }
  return { container: parameter(query, 'container'), command: [], tty: truthy(query, 'tty'), stdin, shell }
}

/** The facts of the one ephemeral container that a body adds; undefined when there is none or more than one. */
export function execOfEphemeral(body: KubeJson, analyze: ArgvAnalyzer): Exec | undefined {
  const [container, ...more] = list(at(body, 'spec', 'ephemeralContainers'))
  if (container === undefined || more.length > 0) return undefined
  const command = [...texts(at(container, 'command')), ...texts(at(container, 'args'))]
  const on = (key: string): boolean => at(container, key) === true
  return execOf(text(at(container, 'name')), command, on('tty'), on('stdin'), analyze)
}

function execOf(
  container: string,
  command: readonly string[],
  tty: boolean,
  stdin: boolean,
  analyze: ArgvAnalyzer,
): Exec {
  const shell =
    command.length === 0
      ? unknownCommand('no command is given: the image decides what runs')
      : command.length > commandWordsMax
        ? unknownCommand('the command has too many words')
        : analyze(command)
  return { container, command: command.slice(0, commandWordsMax), tty, stdin, shell }
}

function unknownCommand(reason: string): ShellFacts {
  return { operation: 'exec', commands: [], redirects: [], complete: false, reasons: [reason] }
}
