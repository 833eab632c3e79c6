// Commands that run other commands: what they run is read out of their arguments, and reported beside them.
import type { ShellCommand } from './facts.ts'
import { doubtOfAssignment, doubtOfProgram } from './programs.ts'
import { depthMax, type Findings } from './scan.ts'

/** A command as the line has it. */
export interface Invocation {
  readonly argv: readonly (string | null)[]
  readonly assignments: ShellCommand['assignments']
  readonly via: readonly string[]
  readonly raw: readonly string[]
}

type Args = readonly (string | null)[]
interface Inner {
  readonly argv: Args
  readonly assignments?: ShellCommand['assignments']
}
/** What a wrapper runs: argv to follow, scripts to read, or a doubt. */
interface Runs {
  readonly inner?: readonly Inner[]
  readonly scripts?: readonly (string | null)[]
  readonly doubt?: string
}

/** Reads a script that a command runs. */
export type ScriptReader = (text: string, findings: Findings, via: readonly string[], depth: number) => void

/** Reports a command, and everything that it runs. */
export function runCommand(invocation: Invocation, findings: Findings, depth: number, readScript: ScriptReader): void {
  const { argv, assignments, via } = invocation
  const program = argv[0] ?? null
  const name = program === null ? '' : program.slice(program.lastIndexOf('/') + 1)
  findings.command({ argv, name, via, assignments })
  if (depth > depthMax) {
    findings.doubt('constructs nest too deep')
    return
  }
  const wrapper = wrappers.get(name)
  if (wrapper === undefined || (program?.includes('/') && doubtOfPath(program))) {
    const doubt = doubtOfProgram(argv)
    if (doubt !== undefined) findings.doubt(doubt)
    return
  }
  const { inner = [], scripts = [], doubt } = wrapper(argv.slice(1), name)
  if (doubt !== undefined) findings.doubt(doubt)
  for (const { argv: run, assignments: set = [] } of inner) {
    if (run.length === 0) continue
    for (const one of set) {
      const why = doubtOfAssignment(one.name, one.value)
      if (why !== undefined) findings.doubt(why)
    }
    runCommand({ argv: run, assignments: set, via: [...via, name], raw: [] }, findings, depth + 1, readScript)
  }
  for (const script of scripts) {
    if (script === null) findings.doubt(`what \`${name}\` runs is not in the line`)
    else readScript(script, findings, [...via, `${name} -c`], depth + 1)
  }
}

function doubtOfPath(program: string): boolean {
  return doubtOfProgram([program, '--version']) !== undefined
}

/** The options of a wrapper: those that stand alone, and those that take a value. Everything else is not understood. */
interface Options {
  readonly flags: string
  readonly values?: string
  readonly longFlags?: readonly string[]
  readonly longValues?: readonly string[]
}

/** Where options end, or undefined when one is not understood: a value that is not in the line may be several words. */
function afterOptions(
  args: Args,
  { flags, values = '', longFlags = [], longValues = [] }: Options,
): number | undefined {
  let at = 0
  for (; at < args.length; at++) {
    const arg = args[at]
    if (arg === null || arg === undefined) return undefined
    if (arg === '--') return at + 1
    if (arg === '-' || !arg.startsWith('-')) return at
    if (arg.startsWith('--')) {
      const [long = '', value] = arg.slice(2).split('=', 2)
      if (longFlags.includes(long) && value === undefined) continue
      if (!longValues.includes(long)) return undefined
      if (value === undefined && typeof args[++at] !== 'string') return undefined
      continue
    }
    for (let index = 1; index < arg.length; index++) {
      const letter = arg[index] ?? ''
      if (flags.includes(letter)) continue
      if (!values.includes(letter)) return undefined
      if (index === arg.length - 1 && typeof args[++at] !== 'string') return undefined
      break
    }
  }
  return at
}

/** A wrapper whose command simply follows its options and `skip` words. */
function simple(options: Options, skip = 0, isOptional = false): (args: Args, name: string) => Runs {
  return (args, name) => {
    const at = afterOptions(args, options)
    if (at === undefined) return { doubt: `an option of \`${name}\` is not understood` }
    if (args.slice(at, at + skip).includes(null)) return { doubt: `an argument of \`${name}\` is not in the line` }
    const argv = args.slice(at + skip)
    if (argv.length === 0) return isOptional ? {} : { doubt: `what \`${name}\` runs is not in the line` }
    return { inner: [{ argv }] }
  }
}

/** Assignments before a command, as `env` and `sudo` take them. */
function withAssignments(args: Args): Inner {
  const assignments: { name: string; value: string | null }[] = []
  let at = 0
  for (; at < args.length; at++) {
    const match = /^([^=]+)=(.*)$/s.exec(args[at] ?? '')
    if (match?.[1] === undefined) break
    assignments.push({ name: match[1], value: match[2] ?? '' })
  }
  return { argv: args.slice(at), assignments }
}

/** `sh -c script`: the script is read. A shell with a file, or with nothing, runs what is not in the line. */
function shell(args: Args, name: string): Runs {
  const at = afterOptions(args, {
    flags: 'acefhilmnuvxBCEHPTpbk',
    values: 'oO',
    longFlags: ['login', 'noprofile', 'norc', 'posix'],
  })
  if (at === undefined) return { doubt: `an option of \`${name}\` is not understood` }
  const options = args.slice(0, at).filter((one) => one !== null && /^-[^-]/.test(one))
  const doubts =
    options.some((one) => /[ilkEs]/.test(one ?? '')) || args.slice(0, at).includes('--login')
      ? { doubt: `\`${name}\` reads files before what it is given` }
      : {}
  if (name === 'zsh') return { scripts: [args[at] ?? null], doubt: '`zsh` reads some lines in its own way' }
  if (!options.some((one) => one?.includes('c'))) return { doubt: `\`${name}\` runs what is not in the line` }
  return { scripts: [args[at] ?? null], ...doubts }
}

function env(args: Args, name: string): Runs {
  const at = afterOptions(args, {
    flags: 'i0v',
    values: 'uC',
    longFlags: ['ignore-environment', 'null', 'debug'],
    longValues: ['unset', 'chdir'],
  })
  if (at === undefined) return { doubt: `an option of \`${name}\` is not understood` }
  const inner = withAssignments(args.slice(at))
  return inner.argv.length === 0 ? {} : { inner: [inner] }
}

function sudo(args: Args, name: string): Runs {
  const at = afterOptions(args, {
    flags: 'bEHkKnPS',
    values: 'ugpCrtTD',
    longFlags: ['non-interactive', 'preserve-env', 'set-home', 'stdin', 'background'],
    longValues: ['user', 'group', 'prompt', 'chdir'],
  })
  if (at === undefined) return { doubt: `an option of \`${name}\` is not understood` }
  const inner = withAssignments(args.slice(at))
  return inner.argv.length === 0 ? { doubt: `what \`${name}\` runs is not in the line` } : { inner: [inner] }
}

/** `find`: commands behind -exec and its kin; `{}` is a file name, which is not in the line. */
function find(args: Args): Runs {
  if (args.includes(null)) return { doubt: 'an argument of `find` is not in the line' }
  const inner: Inner[] = []
  for (let at = 0; at < args.length; at++) {
    if (!/^-(exec|execdir|ok|okdir)$/.test(args[at] ?? '')) continue
    const start = at + 1
    while (at < args.length && args[at] !== ';' && !(args[at] === '+' && args[at - 1] === '{}')) at++
    if (at >= args.length) return { doubt: 'a command of `find` does not end' }
    // To some a `+` ends a command wherever it stands, or never does.
    if (args.slice(start, at).includes('+') || (args[at] === '+' && /^-ok/.test(args[start - 1] ?? '')))
      return { doubt: 'the end of a command of `find` is read differently' }
    inner.push({ argv: args.slice(start, at).map((word) => (word?.includes('{}') ? null : word)) })
  }
  return { inner }
}

/** `xargs`: its command gets arguments that are not in the line. */
function xargs(args: Args, name: string): Runs {
  const at = afterOptions(args, {
    flags: '0rtx',
    values: 'aEILnPsd',
    longFlags: ['null', 'no-run-if-empty', 'verbose', 'exit'],
    longValues: ['max-args', 'max-procs', 'delimiter', 'arg-file', 'max-chars'],
  })
  if (at === undefined) return { doubt: `an option of \`${name}\` is not understood` }
  const command = args.slice(at)
  const replace = args.slice(0, at).join(' ')
  const argv = command.length === 0 ? ['echo'] : command
  if (!/-[a-zA-Z]*I/.test(replace)) return { inner: [{ argv: [...argv, null] }] }
  // What stands for the input may stand in the name of the command too.
  const mark = /(?:^| )-[0rtx]*I ?([^ ]+)(?: |$)/.exec(replace)?.[1]
  const isPlain = mark !== undefined && replace.split('I').length === 2 && argv[0]?.includes(mark) === false
  return { inner: [{ argv: argv.map((word, index) => (index === 0 && isPlain ? word : null)).concat(null) }] }
}

function su(args: Args, name: string): Runs {
  const at = args.findIndex((arg) => arg === '-c' || arg === '--command')
  const others = args.filter((_, index) => index !== at && index !== at + 1)
  if (at < 0 || others.some((arg) => arg === null || (arg.startsWith('-') && arg !== '-' && arg !== '-l')))
    return { doubt: `what \`${name}\` runs is not in the line` }
  return { scripts: [args[at + 1] ?? null], doubt: `\`${name}\` runs the shell of another user` }
}

function flock(args: Args, name: string): Runs {
  const at = afterOptions(args, {
    flags: 'sxnueoFv',
    values: 'wE',
    longFlags: ['shared', 'exclusive', 'nonblock', 'no-fork'],
  })
  if (at === undefined || typeof args[at] !== 'string') return { doubt: `an option of \`${name}\` is not understood` }
  const rest = args.slice(at + 1)
  if (rest[0] === '-c' || rest[0] === '--command') return { scripts: [rest[1] ?? null] }
  return rest.length === 0 ? { doubt: `what \`${name}\` runs is not in the line` } : { inner: [{ argv: rest }] }
}

function execBuiltin(args: Args, name: string): Runs {
  // By another name a program may be another: a shell of those who log in, whatever else of busybox.
  const at = afterOptions(args, { flags: 'c' })
  if (at === undefined) return { doubt: `an option of \`${name}\` is not understood` }
  return args.length === at ? {} : { inner: [{ argv: args.slice(at) }] }
}

function commandBuiltin(args: Args, name: string): Runs {
  const at = afterOptions(args, { flags: 'pvV' })
  if (at === undefined) return { doubt: `an option of \`${name}\` is not understood` }
  const isQuestion = args.slice(0, at).some((one) => /[vV]/.test(one ?? ''))
  return isQuestion || args.length === at ? {} : { inner: [{ argv: args.slice(at) }] }
}

/** `set -x` and the like change how a shell runs what follows. */
function set(args: Args): Runs {
  return args.every((arg) => arg !== null && /^(-[eux]+|\+[eux]+|-o|pipefail)$/.test(arg)) &&
    !args.some((arg) => arg?.includes('x'))
    ? {}
    : { doubt: '`set` changes how the line is read' }
}

function timeout(args: Args, name: string): Runs {
  return simple(
    {
      flags: 'v',
      values: 'sk',
      longFlags: ['preserve-status', 'foreground', 'verbose'],
      longValues: ['signal', 'kill-after'],
    },
    1,
  )(args, name)
}

function nice(args: Args, name: string): Runs {
  const first = args[0]
  if (first !== null && first !== undefined && /^-[0-9]+$/.test(first)) return { inner: [{ argv: args.slice(1) }] }
  return simple({ flags: '', values: 'n', longValues: ['adjustment'] }, 0, true)(args, name)
}

function busybox(args: Args): Runs {
  return args.length === 0 ? {} : { inner: [{ argv: args }] }
}

/** `chroot`: what runs is reported, but is another root's program of that name. */
function chroot(args: Args, name: string): Runs {
  const runs = simple({ flags: '', longFlags: ['skip-chdir'], longValues: ['userspec', 'groups'] }, 1)(args, name)
  return { doubt: '`chroot` runs programs of another root', ...runs }
}

const doubtful = (why: string) => (): Runs => ({ doubt: why })

const wrappers: ReadonlyMap<string, (args: Args, name: string) => Runs> = new Map<
  string,
  (args: Args, name: string) => Runs
>([
  ...['sh', 'bash', 'dash', 'ash', 'ksh', 'zsh', 'mksh'].map((name): [string, typeof shell] => [name, shell]),
  ['env', env],
  ['sudo', sudo],
  ['doas', simple({ flags: 'n', values: 'u' })],
  ['find', find],
  ['xargs', xargs],
  ['su', su],
  ['flock', flock],
  ['exec', execBuiltin],
  ['command', commandBuiltin],
  ['builtin', simple({ flags: '' }, 0, true)],
  ['set', set],
  ['timeout', timeout],
  ['nice', nice],
  ['nohup', simple({ flags: '' })],
  ['setsid', simple({ flags: 'cfw', longFlags: ['ctty', 'fork', 'wait'] })],
  ['stdbuf', simple({ flags: '', values: 'ioe', longValues: ['input', 'output', 'error'] })],
  ['ionice', simple({ flags: 't', values: 'cn', longValues: ['class', 'classdata'] }, 0, true)],
  ['chroot', chroot],
  ['busybox', busybox],
  ['eval', doubtful('`eval` runs text that is made while it runs')],
  ['source', doubtful('`source` runs a file')],
  ['.', doubtful('`.` runs a file')],
  ['trap', doubtful('`trap` runs text later')],
  ['alias', doubtful('`alias` changes what names run')],
  ['hash', doubtful('`hash` changes what names run')],
  ['enable', doubtful('`enable` changes what names run')],
])
