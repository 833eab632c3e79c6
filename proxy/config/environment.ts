// Overrides from the environment: SALLYPORT_TELEMETRY__LOGS__LEVEL=debug sets telemetry.logs.level.
// Two underscores part the keys, so a variable without them is no override; list entries are named by their index.
import { type Document, isMap, isSeq, parseDocument } from 'yaml'
import type { ConfigProblem } from './read.ts'

const prefix = 'SALLYPORT_'

/** Sets what the environment says in the document; a variable that leads nowhere is a problem. */
export function applyEnvironment(document: Document, environment: NodeJS.ProcessEnv): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = []
  for (const [name, text] of Object.entries(environment).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!name.startsWith(prefix) || !name.includes('__') || text === undefined) continue
    const path = name
      .slice(prefix.length)
      .toLowerCase()
      .split('__')
      .map((part) => (/^\d{1,4}$/.test(part) ? Number(part) : part))
    const why = set(document, path, text)
    if (why !== undefined)
      problems.push({
        line: 0,
        column: 0,
        at: path.join('.'),
        message: `${name}: ${why}`,
        help: 'unset it, or name keys parted by `__`',
      })
  }
  return problems
}

function set(document: Document, path: readonly (string | number)[], text: string): string | undefined {
  const value = parseDocument(text)
  if (value.errors.length > 0) return 'its value is not YAML'
  for (let depth = 1; depth < path.length; depth++) {
    const parent: unknown = document.getIn(path.slice(0, depth), true)
    if (parent === undefined) break
    if (!isMap(parent) && !isSeq(parent)) return `\`${path.slice(0, depth).join('.')}\` has no keys below it`
    if (isSeq(parent) && typeof path[depth] !== 'number')
      return `\`${path.slice(0, depth).join('.')}\` is a list; name an index`
  }
  document.setIn(path, value.contents)
  return undefined
}
