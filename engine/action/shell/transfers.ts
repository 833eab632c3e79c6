// Programs at a host's end of a file transfer, as `scp`, `rsync` and `git` start them: what they read or write is in their
// arguments, and they run nothing else. Any other form of them is a program like others.
import type { ShellFacts } from './facts.ts'

/** A transfer as its command line has it. */
export interface Transfer {
  readonly operation: 'scp' | 'rsync' | 'git'
  readonly file: NonNullable<ShellFacts['file']>
  /** Why more may happen than is said here. */
  readonly doubt?: string
}

/** The transfer that a command line is the far end of; undefined for all else. */
export function transferOf(argv: readonly (string | null)[]): Transfer | undefined {
  const words = argv.filter((word) => word !== null)
  const [program = '', ...args] = words
  if (words.length !== argv.length) return undefined
  const found = servers.get(program.replace(/^(?:\/usr)?\/bin\//, ''))?.(args)
  if (found === undefined) return undefined
  const doubt = found.doubt ?? pathDoubt(found.file.path)
  return doubt === undefined ? found : { ...found, doubt }
}

const servers: ReadonlyMap<string, (args: readonly string[]) => Transfer | undefined> = new Map([
  ['scp', scp],
  ['rsync', rsync],
  ['git', ([command = '', ...args]) => git(`git-${command}`, args)],
  ...['git-upload-pack', 'git-upload-archive', 'git-receive-pack'].map(
    (name) => [name, (args: readonly string[]) => git(name, args)] as const,
  ),
])

/** What a path names is only clear where it does not go back up. */
function pathDoubt(path: string): string | undefined {
  if (path === '' || path.includes('\0')) return 'there is no path'
  return path.split('/').includes('..') ? 'the path goes back up by `..`' : undefined
}

const scpFlags: ReadonlyMap<string, string> = new Map([
  ['r', 'recursive'],
  ['p', 'preserve'],
  ['d', 'directory'],
  ['v', ''],
  ['q', ''],
  ['t', 'to'],
  ['f', 'from'],
])

/** `scp [-rpdvq] -t|-f [--] PATH`: one path; what is sent to a folder lands in it. */
function scp(args: readonly string[]): Transfer | undefined {
  const flags = new Set<string>()
  let at = 0
  for (; at < args.length && args[at] !== '--' && args[at]?.startsWith('-'); at++)
    for (const letter of (args[at] ?? '').slice(1)) {
      const flag = scpFlags.get(letter)
      if (flag === undefined) return undefined
      flags.add(flag)
    }
  if (args[at] === '--') at++
  const [path, ...rest] = args.slice(at)
  if (path === undefined || rest.length > 0 || flags.has('to') === flags.has('from')) return undefined
  const verb = flags.has('to') ? 'write' : 'read'
  return { operation: 'scp', file: { verb, path, flags: named(flags, ['to', 'from', '']) } }
}

/** Short options of rsync that only say how files are copied; behind `e` comes what the client can do. */
const rsyncLetters = /^-[vlogDtpruxzcHAXSWIOJKLkRdimyqEbhn]*(?:e[0-9.]*[A-Za-z]*)?$/
const rsyncWords = /^--(?:(?:no-)?[a-z-]+)$/
const rsyncLong: ReadonlySet<string> = new Set(
  `server sender delete delete-before delete-during delete-after delete-delay delete-excluded numeric-ids inplace append
  append-verify partial size-only ignore-existing existing ignore-errors force safe-links copy-unsafe-links fuzzy
  ignore-times omit-dir-times omit-link-times recursive times perms owner group links devices specials whole-file
  checksum one-file-system prune-empty-dirs sparse delay-updates stats no-implied-dirs no-r no-W no-i-r no-inc-recursive
  remove-source-files`
    .split(/\s+/)
    .filter((name) => name !== ''),
)
const rsyncValues =
  /^--(?:timeout|bwlimit|max-size|min-size|modify-window|block-size|compress-level|compress-choice|checksum-choice|checksum-seed|max-delete|log-format|out-format|info|debug|protocol)=[A-Za-z0-9.,%_+-]*$/

/** `rsync --server [--sender] OPTIONS . PATH`. */
function rsync(args: readonly string[]): Transfer | undefined {
  const dot = args.indexOf('.')
  const [path, ...rest] = args.slice(dot + 1)
  if (args[0] !== '--server' || dot < 0 || path === undefined || rest.length > 0) return undefined
  // Options are options behind the dot too.
  if (path.startsWith('-')) return undefined
  const options = args.slice(0, dot)
  const isKnown = (option: string): boolean =>
    rsyncLetters.test(option) || rsyncValues.test(option) || (rsyncWords.test(option) && rsyncLong.has(option.slice(2)))
  if (!options.every(isKnown)) return undefined
  const flags = new Set<string>()
  const letters = options.find((option) => /^-[^-]/.test(option))?.split('e', 1)[0] ?? ''
  if (letters.includes('r')) flags.add('recursive')
  for (const option of options)
    if (option.startsWith('--delete')) flags.add('delete')
    else if (option === '--remove-source-files') flags.add('remove')
  return {
    operation: 'rsync',
    file: { verb: options.includes('--sender') ? 'read' : 'write', path, flags: named(flags, []) },
  }
}

/** `git-upload-pack PATH` and its like; receiving runs the hooks that lie in the repository, archives its filters. */
function git(name: string, args: readonly string[]): Transfer | undefined {
  const rest = args.filter((arg) => arg !== '--strict' && arg !== '--stateless-rpc')
  const [path] = rest
  if (path === undefined || rest.length !== 1 || path.startsWith('-')) return undefined
  switch (name) {
    case 'git-upload-pack':
      return { operation: 'git', file: { verb: 'read', path, flags: [name.slice(4)] } }
    case 'git-upload-archive':
      return {
        operation: 'git',
        file: { verb: 'read', path, flags: [name.slice(4)] },
        doubt: 'filters that the repository names run',
      }
    case 'git-receive-pack':
      return {
        operation: 'git',
        file: { verb: 'write', path, flags: [name.slice(4)] },
        doubt: 'hooks of the repository run',
      }
    default:
      return undefined
  }
}

function named(flags: ReadonlySet<string>, without: readonly string[]): readonly string[] {
  return [...flags].filter((flag) => !without.includes(flag)).sort()
}
