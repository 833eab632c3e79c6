// `sallyport policy COMMAND --help`: every option of a command with what it does. One list of words for all commands, since
// an option of one name means the same thing in each.
import type { ParseArgsConfig } from 'node:util'

/** The options of a command, as they are parsed. */
export type OptionTable = NonNullable<ParseArgsConfig['options']>

/** Somebody asked what a command can do. */
export class HelpRequested extends Error {
  readonly options: OptionTable
  constructor(options: OptionTable) {
    super('help')
    this.options = options
  }
}

/** What stands behind the options of each command. */
const operands: Readonly<Record<string, string>> = {
  check: 'PATH...',
  fmt: 'PATH...',
  test: 'PATH...',
  eval: 'QUERY',
  build: 'PATH...',
  parse: 'FILE',
  sign: 'PATH',
  verify: 'BUNDLE',
  inspect: 'PATH',
  bench: 'QUERY',
  capabilities: '',
  diff: 'OLD NEW',
  replay: 'CANDIDATE',
  lsp: '',
  new: 'NAME',
}

/** What each option does. */
const about: Readonly<Record<string, string>> = {
  annotations: 'list the metadata blocks',
  bench: 'measure each test',
  benchmem: 'taken for habit: how much memory tests take is not told',
  builtins: 'list the built-ins, with their types',
  bundle: 'a folder or archive that is loaded as a bundle',
  capabilities: 'a capabilities file: what the target can do',
  catalog: 'a YAML file with the relations of the database, for analyzing statements once more',
  check: 'change nothing; exit 2 when a file is not in canonical form',
  'claims-file': 'a JSON file with further claims of the signature',
  count: 'repeat so often',
  coverage: 'show which lines ran',
  'coverage-html': 'write the covered source as a page to this file',
  current: 'what this version can do: the default',
  data: 'a file or folder with policies and data',
  diff: 'show what would change',
  dir: 'where the new files are put',
  'disable-early-exit': 'taken for habit: answers are the same',
  'disable-indexing': 'taken for habit: answers are the same',
  'disable-inlining': 'of partial evaluation, which is not here',
  'drop-v0-imports': 'leave out imports that v1 does not need',
  entrypoint: 'a rule that the bundle answers for, as a/b/c',
  'exclude-files-verify': 'a file that the signature need not name',
  'exit-zero-on-skipped': 'skipped tests are no failure',
  explain: 'show how it came about: fails, notes or full',
  explained: 'a YAML file with the flips that are wanted',
  fail: 'exit 1 (fmt: 2) when there is no answer, or something to format',
  'fail-defined': 'exit 1 when there is an answer',
  'fail-on-allow': 'exit 2 when something refused before is allowed now',
  'fail-on-empty': 'exit 1 when no test ran',
  file: 'the capabilities in this file',
  format: 'how the result is printed',
  ignore: 'a pattern of file names to pass over',
  import: 'an import that the query is written with, such as data.a or future.keywords.in',
  input: 'a JSON or YAML file that is the input',
  instrument: 'as --metrics',
  list: 'name the files that would change',
  'max-errors': 'show at most so many errors',
  metrics: 'show how long each step took',
  'no-analyze': 'take the facts as they were recorded',
  'no-strict': 'without the checks of strict mode',
  'nondeterminstic-builtins': 'taken for habit: answers are the same',
  'open-key': 'the private key that opens encrypted recordings',
  optimize: 'taken for habit: modules are always optimized',
  'optimize-store-for-read-speed': 'taken for habit: answers are the same',
  output: 'how the result is printed, or (build) the file that is written',
  'output-file-path': 'the folder that the signatures are written to',
  package: 'the package that the query is written in',
  parallel: 'taken for habit: tests run one after another',
  partial: 'of partial evaluation, which is not here',
  profile: 'show where the time goes, by line',
  'profile-limit': 'show at most so many lines of the profile',
  'profile-sort': 'the order of the profile: total_time_ns, num_eval, num_redo, num_gen_expr, file or line',
  protocol: 'what the policy is for: postgres, ssh, kubernetes or http',
  'rego-v1': 'as --v0-v1',
  revision: 'the revision of the bundle',
  run: 'only tests whose name matches this RE2 pattern',
  schema: 'a JSON Schema file, or a folder of them, for the types of input and data',
  scope: 'the scope of the signature',
  session: 'only this recorded session',
  sessions: 'the folder of recorded sessions',
  'shallow-inlining': 'of partial evaluation, which is not here',
  'show-builtin-errors': 'tell which built-ins failed, also where there is an answer',
  'signing-alg': 'the algorithm, such as ES256',
  'signing-key': 'the file of the key that signs (for HS256 the secret)',
  'signing-key-id': 'the id that the signature names its key by',
  sort: 'the order of results: none or duration',
  stdin: 'read the query from standard input',
  'stdin-input': 'read the input from standard input',
  strict: 'refuse what strict mode refuses (check: the default)',
  'strict-builtin-errors': 'a failing built-in is an error, not undefined',
  target: 'what is built (rego, plan, wasm), or what evaluates (rego, wasm)',
  threshold: 'exit 2 when fewer percent of the lines ran',
  time: 'measure for so long, such as 3s',
  timeout: 'the longest a test or a query may take, such as 5s',
  unknowns: 'of partial evaluation, which is not here',
  update: 'write what was decided into the fixtures',
  'v0-compatible': 'read files as Rego v0',
  'v0-v1': 'read v0, and (fmt) write or (check) ask for what is valid in both',
  'v1-compatible': 'read files as Rego v1',
  'var-values': 'show the values of variables in a failed expression',
  verbose: 'name every test, not only those that fail',
  'verification-key': 'the file of the public key (for HS256 the secret)',
  'verification-key-id': 'the id of the key, where the signature names one',
  watch: 'run again after every save',
  write: 'write the files in place',
}

/** The help of one command. */
export function helpText(command: string, summary: string, options: OptionTable): string {
  const named = Object.entries(options).map(([name, { short, type }]) => ({
    flags: `${short === undefined ? '    ' : `-${short}, `}--${name}${type === 'string' ? ' VALUE' : ''}`,
    words: about[name] ?? '',
  }))
  const help = { flags: '-h, --help', words: 'show this' }
  const all = [...named, ...('help' in options ? [] : [help])].sort((a, b) =>
    a.flags.slice(4) < b.flags.slice(4) ? -1 : 1,
  )
  const width = Math.max(...all.map(({ flags }) => flags.length))
  const lines = all.map(({ flags, words }) => `  ${flags.padEnd(width)}  ${words}`.trimEnd())
  const line = ['usage: sallyport policy', command, '[options]', operands[command] ?? ''].filter((part) => part !== '')
  return `${line.join(' ')}\n\n${summary}\n\n${lines.join('\n')}\n\nexit: 0 pass, 1 usage or load error, 2 a failed test or check\n`
}
