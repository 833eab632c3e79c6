// JSON and YAML files of other names than `data.json`: data of their folder where no bundle is read, as opa has it. What cannot be
// data beside the rest is passed over, and that is said.
import { join } from 'node:path'
import { BundleError, type BundleFile, isDataFile, readData } from '../../bundles/format/index.ts'
import { isObject, type RegoObject } from '../../rego/value/index.ts'

/** The data with that of other files. */
export function withOtherData(data: RegoObject, files: readonly BundleFile[]): RegoObject {
  let all = data
  for (const file of files) {
    const extension = /\.(json|ya?ml)$/.exec(file.path)?.[1]
    if (extension === undefined || isDataFile(file.path) || isHidden(file.path)) continue
    const why = ((): string | undefined => {
      try {
        const found = readData([{ ...file, path: join(file.path, `../data.${extension}`) }])
        if (conflict(all, found)) return 'another file says something else of the same place'
        all = all.merge(found)
        return undefined
      } catch (error) {
        if (!(error instanceof BundleError)) throw error
        return `it is no ${extension === 'json' ? 'JSON' : 'YAML'} object`
      }
    })()
    if (why !== undefined) process.stderr.write(`note: ${file.path} is not read as data: ${why}\n`)
  }
  return all
}

/** Files of tools, such as those in `.github`. */
function isHidden(path: string): boolean {
  return path.split('/').some((step) => step.startsWith('.'))
}

/** Whether two documents differ in a place that both have. */
function conflict(a: RegoObject, b: RegoObject): boolean {
  for (const [key, theirs] of b) {
    const ours = a.get(key)
    if (ours === undefined) continue
    if (!isObject(ours) || !isObject(theirs) || conflict(ours, theirs)) return true
  }
  return false
}
