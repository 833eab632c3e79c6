// What programs are known to do. A program runs nothing but itself only where that is known; every other name makes a line
// incomplete, and says so.

import { transferOf } from './transfers.ts'

/** Programs that run no other, whatever their arguments. */
const plainPrograms: ReadonlySet<string> = new Set(
  `[ arch b2sum base32 base64 basename basenc cal cat chgrp chmod chown cksum cmp column comm cp cut date dd df dig dirname
  du echo egrep expand expr factor false fgrep fmt fold free getent grep groups head hexdump host hostname hostid id iostat
  join kill killall last link ln logname ls lsblk lscpu lsof md5sum mkdir mkfifo mktemp mv namei netstat nl nproc nslookup
  numfmt od paste pathchk pgrep printenv pidof ping pkill pmap pr printf ps ptx pwd readlink realpath rev rm rmdir seq sha1sum
  sha224sum sha256sum sha384sum sha512sum shred shuf sleep ss stat strings sum sync tac tee test touch tr traceroute true
  truncate tsort tty uname unexpand uniq unlink uptime users vmstat w wc who whoami xxd yes jq curl`
    .split(/\s+/)
    .filter((name) => name !== ''),
)

/** Built-ins of shells that run nothing but what is written. */
const plainBuiltins: ReadonlySet<string> = new Set([
  ':',
  'cd',
  'dirs',
  'exit',
  'getopts',
  'logout',
  'popd',
  'pushd',
  'pwd',
  'return',
  'break',
  'continue',
  'shift',
  'times',
  'type',
  'ulimit',
  'umask',
  'wait',
  'unalias',
])

/** Built-ins whose names of variables are evaluated: a subscript in one can hold a command. */
const naming: ReadonlySet<string> = new Set([
  'export',
  'readonly',
  'unset',
  'read',
  'local',
  'test',
  '[',
  'printf',
  'wait',
  'getopts',
])

/** Programs that run no other unless an argument of these says so. */
const unless: ReadonlyMap<string, RegExp> = new Map([
  ['sort', /^--c/],
  ['split', /^--f/],
  ['diff', /^-[^-]*l|^--pa/],
  ['wget', /^--|^-[^-]*e/],
  ['ip', /^netns$|^-b|^vrf$/],
  ['file', /^-[^-]*[zZ]|^--u/],
  ['gzip', /^$/],
  ['tail', /^$/],
])

const interpreters =
  /^(python|perl|ruby|node|nodejs|php|lua|tclsh|wish|expect|Rscript|java|deno|bun|pwsh|osascript|guile|racket|ghci|irb|ipython|gdb|lldb)[0-9.]*$/

/** Where programs of the system lie: a path elsewhere is a file that anybody may have put there. */
const systemFolders: ReadonlySet<string> = new Set([
  '/bin',
  '/sbin',
  '/usr/bin',
  '/usr/sbin',
  '/usr/local/bin',
  '/usr/local/sbin',
])

/** Why running this may run something else; undefined when it is known to run only itself. */
export function doubtOfProgram(argv: readonly (string | null)[]): string | undefined {
  const [program, ...args] = argv
  if (program === null || program === undefined || program === '') return 'the name of a command is not in the line'
  const slash = program.lastIndexOf('/')
  const name = program.slice(slash + 1)
  if (slash >= 0 && !systemFolders.has(program.slice(0, slash))) return `\`${program}\` is a file, whatever it holds`
  if (interpreters.test(name)) return isVersion(args) ? undefined : `\`${name}\` runs a program of its own`
  if (naming.has(name) && args.some((arg) => arg === null || /[[`]|\$\(/.test(arg)) && hasSubscript(name, args))
    return `\`${name}\` evaluates subscripts`
  if (naming.has(name)) return dangerousIn(name, args)
  if (plainPrograms.has(name) || plainBuiltins.has(name)) return undefined
  const flag = unless.get(name)
  if (flag !== undefined) {
    if (args.includes(null)) return `an argument of \`${name}\` is not in the line`
    return args.some((arg) => arg !== null && arg !== '' && flag.test(arg))
      ? `an argument of \`${name}\` can run commands`
      : undefined
  }
  if (name === 'sed') return sedDoubt(args)
  if (name === 'awk' || name === 'gawk' || name === 'mawk') return awkDoubt(args)
  if (isVersion(args)) return undefined
  const transfer = transferOf(argv)
  if (transfer !== undefined) return transfer.doubt
  return `what \`${name}\` runs is not known`
}

/** Test and printf only look at subscripts behind their own flags; the others take names anywhere. */
function hasSubscript(name: string, args: readonly (string | null)[]): boolean {
  if (name === 'test' || name === '[') return args.some((arg) => arg === null || arg === '-v' || arg === '-R')
  if (name === 'printf') return args[0] === null || (args[0]?.startsWith('-') ?? false)
  return true
}

function dangerousIn(name: string, args: readonly (string | null)[]): string | undefined {
  if (name === 'test' || name === '[') return undefined
  if (name === 'printf') return args[0] === '-v' ? '`printf -v` evaluates subscripts' : undefined
  const variable = args.map((arg) => arg?.split('=', 1)[0] ?? '').find(dangerousVariable)
  return variable === undefined ? undefined : `\`${variable}\` changes what commands do`
}

function isVersion(args: readonly (string | null)[]): boolean {
  return args.length === 1 && (args[0] === '--version' || args[0] === '--help')
}

const dangerousNames: ReadonlySet<string> = new Set(
  `PATH IFS ENV SHELLOPTS PS0 PS1 PS2 PS3 PS4 PROMPT_COMMAND CDPATH HISTFILE HOME PAGER EDITOR VISUAL LESSOPEN LESSCLOSE
  LESS MANPAGER BROWSER TAR_OPTIONS RSYNC_RSH CVS_RSH SSH_ASKPASS SUDO_ASKPASS NODE_OPTIONS JAVA_TOOL_OPTIONS SHELL
  GCONV_PATH LOCPATH TERMINFO TMPDIR GREP_OPTIONS POSIXLY_CORRECT CURL_HOME WGETRC INPUTRC FPATH EXECIGNORE GLOBIGNORE`
    .split(/\s+/)
    .filter((name) => name !== ''),
)
const dangerousPrefixes = [
  'LD_',
  'DYLD_',
  'GIT_',
  'BASH',
  'PERL',
  'PYTHON',
  'RUBY',
  'GEM_',
  'LUA_',
  'PHP',
  'MALLOC_',
  'GLIBC_',
]

/** True for variables by which shells and programs find what they run. */
export function dangerousVariable(name: string): boolean {
  return dangerousNames.has(name) || dangerousPrefixes.some((prefix) => name.startsWith(prefix))
}

/** A script of `sed` that only prints, deletes and replaces: others can run commands and write files. */
function sedDoubt(args: readonly (string | null)[]): string | undefined {
  const scripts: (string | null)[] = []
  let isSaid = false
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]
    if (arg === '-n' || arg === '-E' || arg === '-r' || arg === '-u' || arg === '-z' || arg === '-nE' || arg === '-i')
      continue
    if (arg === '-e') {
      scripts.push(args[++at] ?? null)
      isSaid = true
    } else if (arg === null || arg === undefined || arg.startsWith('-')) return 'an argument of `sed` is not understood'
    else if (!isSaid) {
      scripts.push(arg)
      isSaid = true
    }
  }
  const address = String.raw`(?:(?:[0-9]+|\$|\/[A-Za-z0-9 ._:=^$-]*\/)(?:,(?:[0-9]+|\$|\/[A-Za-z0-9 ._:=^$-]*\/))?)?!?`
  const command = String.raw`(?:[pdq=]|s\/(?:[^/\\\n]|\\.)*\/(?:[^/\\\n]|\\[^\n])*\/[gIip0-9]*)`
  const plain = new RegExp(`^(?:${address}${command})(?:; ?${address}${command})*;?$`)
  return scripts.every((script) => script !== null && script.length < 1000 && plain.test(script))
    ? undefined
    : 'a script of `sed` can run commands'
}

/** A program of `awk` that only prints: others can run commands. */
function awkDoubt(args: readonly (string | null)[]): string | undefined {
  let at = 0
  while (args[at] === '-F' || (args[at]?.startsWith('-F') ?? false)) at += args[at] === '-F' ? 2 : 1
  const program = args[at]
  if (program === null || program === undefined || program.startsWith('-'))
    return 'the program of `awk` is not in the line'
  return /^[A-Za-z0-9_ \t${},;:"'.!=~/()<+*-]*$/.test(program) && !/system|getline|print.*>|[|@&`]/.test(program)
    ? undefined
    : 'a program of `awk` can run commands'
}
