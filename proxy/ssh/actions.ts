// What a client asks of an SSH connection, as actions.
import type { ShellFacts } from '../../engine/action/index.ts'
import { analyzeLine, isPlainLocale } from '../../engine/action/shell/index.ts'
import type { GateSession } from '../gate/contract.ts'

type Action = Parameters<GateSession['submit']>[0]

/** Commands whose actions are kept, in each of two generations, and how long their texts may be. */
const keptMax = 256
const keptTextMax = 1024
let young = new Map<string, Action>()
let old = new Map<string, Action>()

// INVARIANT: an action is never changed once it is made.
/** A command line. What is judged is what the host's shell gets, byte for byte. The same command is read once. */
export function execAction(command: string): Action {
  const known = young.get(command) ?? old.get(command)
  const action = known ?? readCommand(command)
  if (command.length > keptTextMax || young.has(command)) return action
  if (young.size >= keptMax) {
    old = young
    young = new Map()
  }
  young.set(command, action)
  return action
}

function readCommand(command: string): Action {
  const shell = analyzeLine(command)
  const { complete, operation, file } = shell
  const verb = file === undefined ? 'execute' : file.verb === 'read' ? 'read' : 'write'
  return { stage: 'request', verb, operation, text: command, complete, shell }
}

/** How an interactive shell is kept: only its opening judged, each line, or each line a command of its own. */
export type ShellMode = 'record' | 'lines' | 'wrapper'

/** An interactive shell. Only in the wrapper nothing runs that is not judged. */
export function shellAction(mode: ShellMode): Action {
  const reason = {
    record: 'what is typed into a shell is not judged',
    lines: 'what programs make of lines is not known',
    wrapper: undefined,
  }[mode]
  const complete = reason === undefined
  return {
    stage: 'request',
    verb: 'execute',
    operation: 'shell',
    text: mode === 'record' ? 'shell' : `shell (${mode})`,
    complete,
    shell: { ...empty('shell'), complete, reasons: reason === undefined ? [] : [reason], mode },
  }
}

/** The same on a terminal, where the client asked for one. */
export function onTerminal(action: Action, hasTerminal: boolean): Action {
  const { shell } = action
  return hasTerminal && shell !== undefined ? { ...action, shell: { ...shell, terminal: true } } : action
}

/** A line that is typed into a shell of the host. */
export function lineAction(line: string): Action {
  const shell = analyzeLine(line, 'line')
  return { stage: 'request', verb: 'execute', operation: 'line', text: line, complete: shell.complete, shell }
}

/** A subsystem. Of SFTP each request is judged for itself, so there is nothing that its opening hides. */
export function subsystemAction(name: string): Action {
  if (name !== 'sftp') return opaque('subsystem', 'execute', `subsystem ${name}`, 'a subsystem is not followed')
  return {
    stage: 'request',
    verb: 'transfer',
    operation: 'subsystem',
    text: 'subsystem sftp',
    complete: true,
    shell: { ...empty('subsystem'), complete: true },
  }
}

/** A connection through the host to somewhere else. */
export function forwardAction(host: string, port: number): Action {
  return {
    stage: 'request',
    verb: 'transfer',
    operation: 'forward',
    text: `forward to ${host}:${port}`,
    complete: true,
    shell: { ...empty('forward'), complete: true, forward: { direction: 'local', host, port } },
  }
}

/** A port of the host whose connections come to the client. */
export function remoteForwardAction(host: string, port: number): Action {
  return {
    stage: 'request',
    verb: 'transfer',
    operation: 'remote_forward',
    text: `listen on ${host}:${port} of the host`,
    complete: true,
    shell: { ...empty('remote_forward'), complete: true, forward: { direction: 'remote', host, port } },
  }
}

/** Variables that change how text looks and nothing that runs. */
const locale = /^(LANG|LANGUAGE|LC_[A-Z]+)$/

/** True for the variables that clients send unasked. */
export function isLocale({ shell }: Action): boolean {
  return shell?.environment !== undefined && locale.test(shell.environment.name)
}

/** A variable that commands of a channel are to have. Most can change what a command does. */
export function environmentAction(name: string, value: string): Action {
  const text = `${name}=${value}`
  const environment = { name, value }
  // LANGUAGE only says in which language messages come.
  if (!locale.test(name) || (name !== 'LANGUAGE' && !isPlainLocale(value))) {
    const action = opaque('env', 'execute', text, 'what commands make of a variable is not known')
    return { ...action, shell: { ...empty('env'), ...action.shell, environment } }
  }
  const shell = { ...empty('env'), complete: true, environment }
  return { stage: 'request', verb: 'execute', operation: 'env', text, complete: true, shell }
}

/** The client's agent for the host: that it be forwarded, or one use of it. */
export function agentAction(asked_by: 'client' | 'host'): Action {
  const text = asked_by === 'client' ? 'forward the agent' : 'use the agent'
  const action = opaque('agent', 'transfer', text, 'what the host asks of an agent is not known')
  return { ...action, shell: { ...empty('agent'), ...action.shell, asked_by } }
}

/** The client's display for programs of the host: that it be forwarded, or one program that opens it. */
export function displayAction(asked_by: 'client' | 'host'): Action {
  const text = asked_by === 'client' ? 'forward X11' : 'open the X11 display'
  const action = opaque('x11', 'transfer', text, 'what programs do with a display is not known')
  return { ...action, shell: { ...empty('x11'), ...action.shell, asked_by } }
}

function opaque(operation: ShellFacts['operation'], verb: Action['verb'], text: string, reason: string): Action {
  return {
    stage: 'request',
    verb,
    operation,
    text,
    complete: false,
    shell: { ...empty(operation), complete: false, reasons: [reason] },
  }
}

function empty(operation: ShellFacts['operation']): ShellFacts {
  return { operation, commands: [], redirects: [], complete: false, reasons: [] }
}
