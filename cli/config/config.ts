// `sallyport config check|show|schema|reference`: what is wrong with a configuration, what it comes to, what it may say.
import {
  type ConfigProblem,
  configReferenceText,
  configSchemaText,
  loadConfig,
  showConfig,
} from '../../proxy/config/index.ts'

const usage = `usage: sallyport config check|show|schema|reference [--config FILE] [-o pretty|json|github]

  check      report every mistake, with line and help; exit 1 when there is one
  show       print the resolved configuration with every default, without secrets
  schema     print the JSON Schema, for editors
  reference  print every key with its type, default, an example and its meaning, as Markdown

  --config FILE, -c   the configuration; otherwise SALLYPORT_CONFIG, otherwise sallyport.yaml in this folder
  --output FORM, -o   of check: pretty (the default), json, or github for annotations in a workflow

Exit 0 fine, 1 mistakes found, 2 wrong usage.
`

/** Runs `sallyport config`. Exit 0 fine, 1 mistakes found, 2 wrong usage. */
export function run(args: readonly string[]): Promise<number> {
  return Promise.resolve(runNow(args))
}

function runNow(args: readonly string[]): number {
  const [verb, ...rest] = args
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(usage)
    return 0
  }
  const options = readOptions(rest)
  if (options === undefined || !isVerb(verb)) {
    process.stderr.write(usage)
    return 2
  }
  if (verb === 'schema' || verb === 'reference') {
    process.stdout.write(verb === 'schema' ? configSchemaText() : configReferenceText())
    return 0
  }
  const loaded = loadConfig(options.file)
  if (loaded.ok) {
    if (verb === 'show') process.stdout.write(showConfig(loaded.config))
    else process.stdout.write(options.output === 'json' ? '{"problems":[]}\n' : `${options.file}: no mistakes\n`)
    return 0
  }
  process.stdout.write(printProblems(options.file, loaded.problems, options.output))
  return 1
}

function isVerb(text: string | undefined): boolean {
  return text !== undefined && ['check', 'show', 'schema', 'reference'].includes(text)
}

function readOptions(args: readonly string[]): { readonly file: string; readonly output: string } | undefined {
  let file = process.env['SALLYPORT_CONFIG'] ?? 'sallyport.yaml'
  let output = 'pretty'
  for (let at = 0; at < args.length; at += 2) {
    const value = args[at + 1]
    if (value === undefined) return undefined
    if (args[at] === '--config' || args[at] === '-c') file = value
    else if ((args[at] === '-o' || args[at] === '--output') && ['pretty', 'json', 'github'].includes(value))
      output = value
    else return undefined
  }
  return { file, output }
}

/** The mistakes in the form asked for. */
export function printProblems(file: string, problems: readonly ConfigProblem[], output: string): string {
  if (output === 'json') return `${JSON.stringify({ problems }, null, 2)}\n`
  if (output === 'github') {
    return problems.map((one) => `::error file=${file},line=${one.line},col=${one.column}::${one.message}\n`).join('')
  }
  const lines = problems.map((one) => {
    const place = one.line === 0 ? file : `${file}:${one.line}:${one.column}`
    const at = one.at === '' ? '' : `${one.at}: `
    return `${place}: ${at}${one.message}\n${one.help === '' ? '' : `  help: ${one.help}\n`}`
  })
  return `${lines.join('')}${problems.length} mistake${problems.length === 1 ? '' : 's'}\n`
}
