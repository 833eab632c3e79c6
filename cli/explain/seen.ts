// What the analyzers saw of an action, in sentences.
import { oneLine } from '../policy/replay.ts'

type Fields = { readonly [name: string]: unknown }

/** Lines about who does what on what, as the document says. */
export function describeDocument(document: unknown): readonly string[] {
  const root = fieldsOf(document)
  const identity = fieldsOf(root['identity'])
  const resource = fieldsOf(root['resource'])
  const action = fieldsOf(root['action'])
  const chain = listOf(identity['chain']).map((link) => String(fieldsOf(link)['subject']))
  const onBehalf = chain.length === 0 ? '' : `, for ${chain.join(', then ')}`
  const lines = [
    `who: ${text(identity['kind'])} ${text(identity['subject'])}${onBehalf}`,
    `where: ${text(resource['name'])} (${text(resource['protocol'])})`,
    `what: ${text(action['verb'])}, ${text(action['operation'])}${action['text'] === '' ? '' : `: ${oneLine(text(action['text']))}`}`,
  ]
  lines.push(
    action['complete'] === true
      ? 'the analyzer saw everything that this does'
      : 'the analyzer cannot prove that it saw everything that this does',
  )
  return [
    ...lines,
    ...sqlLines(action['sql']),
    ...shellLines(action['shell']),
    ...kubeLines(action['kube']),
    ...httpLines(action['http']),
  ]
}

function sqlLines(sql: unknown): readonly string[] {
  return listOf(fieldsOf(sql)['statements']).flatMap((one, index) => {
    const statement = fieldsOf(one)
    const lines = [`statement ${index + 1} is a ${text(statement['kind'])}`]
    for (const item of listOf(statement['relations'])) {
      const relation = fieldsOf(item)
      const columns = listOf(relation['columns']).map(String)
      const known = relation['resolved'] === true ? '' : ', which the catalog does not know'
      const schema = text(relation['schema'])
      const name = `${schema === '' ? '' : `${schema}.`}${text(relation['name'])}`
      lines.push(
        `  it does ${text(relation['access'])} on ${name}${columns.length === 0 ? '' : ` (${columns.join(', ')})`}${known}`,
      )
    }
    for (const item of listOf(statement['functions'])) {
      const routine = fieldsOf(item)
      if (routine['effects'] !== 'pure')
        lines.push(
          `  it calls ${text(routine['schema'])}.${text(routine['name'])}, effects ${text(routine['effects'])}`,
        )
    }
    if (statement['where'] === false) lines.push('  it has no WHERE that restricts what is written')
    for (const reason of listOf(statement['reasons'])) lines.push(`  not complete: ${String(reason)}`)
    return lines
  })
}

function shellLines(shell: unknown): readonly string[] {
  return listOf(fieldsOf(shell)['commands']).map((one) => {
    const command = fieldsOf(one)
    return `it runs ${oneLine(listOf(command['argv']).map(String).join(' '))}`
  })
}

function kubeLines(kube: unknown): readonly string[] {
  const facts = fieldsOf(kube)
  if (facts['resource'] === undefined) return []
  const parts = ['verb', 'resource', 'subresource', 'namespace', 'name'].flatMap((key) =>
    facts[key] === undefined || facts[key] === '' || facts[key] === null ? [] : [`${key} ${text(facts[key])}`],
  )
  return [`Kubernetes: ${parts.join(', ')}`]
}

function httpLines(http: unknown): readonly string[] {
  const facts = fieldsOf(http)
  if (facts['method'] === undefined) return []
  const response = fieldsOf(facts['response'])
  const answered =
    response['status'] === undefined
      ? []
      : [
          `  answered ${text(response['status'])} ${text(response['type'])}`.trimEnd(),
          ...listOf(response['redirects']).map((one) => `  leads to ${oneLine(text(fieldsOf(one)['target']))}`),
        ]
  return [`HTTP: ${text(facts['method'])} ${text(facts['authority'])}`, ...answered]
}

function text(value: unknown): string {
  return typeof value === 'string' ? oneLine(value) : value === undefined ? '?' : JSON.stringify(value)
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {}
}
