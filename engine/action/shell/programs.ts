// What programs are known to do. A program runs nothing but itself only where that is known; every other name makes a line
// incomplete, and says so.

import { transferOf } from './transfers.ts'

/** Programs that run no other, whatever their arguments. */
const plainPrograms: ReadonlySet<string> = new Set(
  `[ arch b2sum base32 base64 basename basenc cal cat chgrp chmod chown cksum cmp column comm cp cut date dd df dig dirname
  du echo egrep expand expr factor false fgrep fmt fold free grep groups head hexdump host hostname hostid id iostat
  join kill killall last link ln logname ls lsblk lscpu lsof md5sum mkdir mkfifo mktemp mv namei netstat nl nproc nslookup
  numfmt od paste pathchk pgrep printenv pidof ping pkill pmap pr printf ps ptx pwd readlink realpath rev rm rmdir seq sha1sum
  sha224sum sha256sum sha384sum sha512sum shred shuf sleep ss stat strings sum sync tac tee test touch tr traceroute true
  truncate tsort tty uname unexpand uniq unlink uptime users vmstat w wc who whoami xxd yes jq`
    .split(/\s+/)
    .filter((name) => name !== ''),
)

/** Built-ins of shells that run nothing but what is written. */
const plainBuiltins: ReadonlySet<string> = new Set([
  ':',
  'cd',
  'dirs',
  'getopts',
  'logout',
  'popd',
  'pushd',
  'pwd',
  'times',
  'type',
  'umask',
  'wait',
  'unalias',
])

/** Built-ins that take numbers, which some shells evaluate. */
const counting: ReadonlySet<string> = new Set(['break', 'continue', 'exit', 'return', 'shift', 'ulimit'])

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
  // A configuration file can name what `--engine` does: code that is loaded.
  ['curl', /^-[^-AbcCdDeEFhHmoPQrtTuUwxXyYz]*K|^--(?:en|conf|expand-|ntlm-w)|[Pp][Kk][Cc][Ss]11:/],
  ['file', /^-[^-]*[zZ]|^--u/],
  // A service is a library: with a slash in its name one that lies in the folder it runs in.
  ['getent', /^-[^-]*s|^--s/],
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
  if (counting.has(name)) return args.every(isCount) ? undefined : `\`${name}\` evaluates its argument`
  if (plainPrograms.has(name) || plainBuiltins.has(name)) return undefined
  const flag = unless.get(name)
  if (flag !== undefined) {
    if (args.includes(null)) return `an argument of \`${name}\` is not in the line`
    return args.some((arg) => arg !== null && arg !== '' && flag.test(arg))
      ? `an argument of \`${name}\` can run commands`
      : undefined
  }
  if (name === 'ip') return ipDoubt(args)
  if (name === 'let') return '`let` evaluates its arguments'
  if (name === 'sed') return sedDoubt(args)
  if (name === 'awk' || name === 'gawk' || name === 'mawk') return awkDoubt(args)
  // What `--help` says may be shown by a pager, which runs whatever its user types.
  if (args.length === 1 && args[0] === '--version') return undefined
  const transfer = transferOf(argv)
  if (transfer !== undefined) return transfer.doubt
  return `what \`${name}\` runs is not known`
}

/** A number, or an option of `ulimit`. A name would be a variable, whose value some shells evaluate like what is written. */
function isCount(arg: string | null): boolean {
  return arg !== null && /^(?:[0-9]+|-[A-Za-z]*|unlimited|hard|soft)$/.test(arg)
}

/** Whether a test compares numbers that are not written as such: some shells take variables for them, and evaluate those. */
function comparesNames(args: readonly (string | null)[]): boolean {
  const isNumber = (arg: string | null | undefined): boolean => typeof arg === 'string' && /^[+-]?[0-9]+$/.test(arg)
  return args.some(
    (arg, at) =>
      (/^-(?:eq|ne|lt|le|gt|ge)$/.test(arg ?? '') && !(isNumber(args[at - 1]) && isNumber(args[at + 1]))) ||
      (arg === '-t' && args[at + 1] !== undefined && args[at + 1] !== ']' && !isNumber(args[at + 1])),
  )
}

/** Test and printf only look at subscripts behind their own flags, and as numbers; the others take names anywhere. */
function hasSubscript(name: string, args: readonly (string | null)[]): boolean {
  if (name === 'test' || name === '[')
    return args.some((arg) => arg === null || /^-(?:v|R|eq|ne|lt|le|gt|ge)$/.test(arg))
  if (name === 'printf')
    return args[0] === null || (args[0]?.startsWith('-') ?? false) || /%[^%sbqc]*[diouxXeEfFgGaA*]/.test(args[0] ?? '')
  return true
}

function dangerousIn(name: string, args: readonly (string | null)[]): string | undefined {
  if (name === 'test' || name === '[') return comparesNames(args) ? `\`${name}\` evaluates what it compares` : undefined
  if (name === 'printf') return printfDoubt((args[0] === '--' ? args[1] : args[0]) ?? '')
  for (const arg of args) {
    const [word = ''] = arg?.split('=', 1) ?? []
    // Behind the letters of options a name may stand without a blank.
    const names = word.startsWith('-') ? Array.from(word.slice(2), (_, at) => word.slice(at + 2)) : [word]
    // Behind a name may stand what some shells take for more than it: `read 'x?prompt'`, `export x+=y`.
    const doubt = names
      .map((one) => doubtOfAssignment(one.slice(0, 64).replace(/[^A-Za-z0-9_].*$/s, ''), null))
      .find((one) => one !== undefined)
    if (doubt !== undefined) return doubt
  }
  return undefined
}

/** `%n` sets the variable that it is given, whichever that is. */
function printfDoubt(format: string): string | undefined {
  if (format.startsWith('-v')) return '`printf -v` evaluates subscripts'
  return /%[-+ #'0-9.*$hlLjzt]*n/.test(format.replaceAll('%%', '')) ? '`%n` of `printf` sets a variable' : undefined
}

const ipObjects: ReadonlySet<string> = new Set(
  `a addr address l link r route ro n neigh neighbor neighbour rule tunnel maddr maddress mroute monitor tcp_metrics`.split(
    ' ',
  ),
)

/** `ip` knows its objects by any beginning of their names, and options with one dash or two. */
function ipDoubt(args: readonly (string | null)[]): string | undefined {
  const at = args.findIndex(
    (arg) =>
      arg === null ||
      !/^--?(?:4|6|0|br|brief|c|color|d|details|h|j|json|o|oneline|p|pretty|s|stats|V|Version)$/.test(arg),
  )
  const object = at < 0 ? 'link' : args[at]
  return object !== null && object !== undefined && ipObjects.has(object)
    ? undefined
    : 'an argument of `ip` can run commands'
}

function isVersion(args: readonly (string | null)[]): boolean {
  return args.length === 1 && (args[0] === '--version' || args[0] === '--help')
}

const dangerousNames: ReadonlySet<string> = new Set(
  `PATH IFS ENV SHELLOPTS PS0 PS1 PS2 PS3 PS4 PROMPT_COMMAND CDPATH HISTFILE HOME PAGER EDITOR VISUAL LESSOPEN LESSCLOSE
  LESS MANPAGER BROWSER ZDOTDIR NULLCMD READNULLCMD XDG_CONFIG_HOME SSLKEYLOGFILE TAR_OPTIONS RSYNC_RSH CVS_RSH SSH_ASKPASS SUDO_ASKPASS NODE_OPTIONS JAVA_TOOL_OPTIONS SHELL
  GCONV_PATH LOCPATH TERMINFO TMPDIR GREP_OPTIONS POSIXLY_CORRECT CURL_HOME WGETRC SYSTEM_WGETRC INPUTRC FPATH EXECIGNORE GLOBIGNORE
  TEXTDOMAIN TEXTDOMAINDIR SSL_DIR MAILPATH MODULE_PATH STTY ARGV0 path fpath cdpath mailpath module_path`
    .split(/\s+/)
    .filter((name) => name !== ''),
)
/** Variables that hold numbers: what is assigned to them is evaluated. */
const numericNames: ReadonlySet<string> = new Set(
  `RANDOM SRANDOM SECONDS LINENO OPTIND HISTCMD HISTSIZE EPOCHSECONDS EPOCHREALTIME PPID UID EUID GID EGID TMOUT COLUMNS
  LINES SHLVL MAILCHECK FUNCNEST USER_ID PGRP KSHUID KSHGID KSHEGID KSHEUID`
    .split(/\s+/)
    .filter((name) => name !== ''),
)
/** Variables that say in which character set a shell reads its lines. */
const characterNames: ReadonlySet<string> = new Set(['LANG', 'LC_ALL', 'LC_CTYPE'])

/**
 * True for a locale in which every shell finds the same words in a line. In some others (Shift JIS, Big5, GBK) a backslash
 * or a bar may be the second byte of a character.
 */
export function isPlainLocale(value: string): boolean {
  const [name = ''] = value.split('@', 1)
  return name === '' || name === 'C' || name === 'POSIX' || /\.utf-?8$/i.test(name)
}

const dangerousPrefixes = [
  'LD_',
  'OPENSSL_',
  'KRB5',
  'GSS_',
  'SASL_',
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
function dangerousVariable(name: string): boolean {
  return dangerousNames.has(name) || dangerousPrefixes.some((prefix) => name.startsWith(prefix))
}

/** Why setting a variable may make more happen than the line says; the value is null when it is not in the line. */
export function doubtOfAssignment(name: string, value: string | null): string | undefined {
  if (dangerousVariable(name)) return `\`${name}\` changes what commands do`
  if (characterNames.has(name) && (value === null || !isPlainLocale(value)))
    return `\`${name}\` changes how lines are read`
  if (numericNames.has(name) && (value === null || !/^[0-9]*$/.test(value))) return `what \`${name}\` gets is evaluated`
  return undefined
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
  // In brackets a `]` that comes first, or behind `^`, closes nothing.
  const command = String.raw`(?:[pdq=]|s\/(?:[^/\\\n[]|\\.|\[\^?[^/\\\n[\]^][^/\\\n[\]]*\])*\/(?:[^/\\\n]|\\[^\n])*\/[gIip0-9]*)`
  const plain = new RegExp(`^(?:${address}${command})(?:; ?${address}${command})*;?$`)
  return scripts.every((script) => script !== null && script.length < 1000 && plain.test(script))
    ? undefined
    : 'a script of `sed` can run commands'
}

/** A program of `awk` that only prints: others can run commands. */
function awkDoubt(args: readonly (string | null)[]): string | undefined {
  let at = 0
  for (; args[at]?.startsWith('-F'); at++) if (args[at] === '-F' && typeof args[++at] !== 'string') break
  const program = args[at]
  if (program === null || program === undefined || program.startsWith('-'))
    return 'the program of `awk` is not in the line'
  return /^[A-Za-z0-9_ \t${},;:"'.!=~/()<+*-]*$/.test(program) && !/system|getline|print.*>|[|@&`]/.test(program)
    ? undefined
    : 'a program of `awk` can run commands'
}
