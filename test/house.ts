// Checks the import arrow of the house: rego <- engine <- bundles <- proxy <- cli, protocols apart, wire/ alone.
// The compiler's project references refuse the coarse mistakes; this refuses the fine ones and names the file.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const floors = ['rego', 'engine', 'bundles', 'proxy', 'cli']
const protocols = ['postgres', 'ssh', 'kubernetes', 'http']

function* sources(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* sources(path)
    else if (entry.name.endsWith('.ts')) yield path
  }
}

/** Why the import of `target` from `file` breaks the arrow, if it does. Both are relative to the root. */
function objection(file: string, target: string): string | undefined {
  const [fromFloor = '', fromPart = '', fromInner = ''] = file.split('/')
  const [toFloor = '', toPart = ''] = target.split('/')
  if (!floors.includes(toFloor)) return `${toFloor}/ is not part of the product`
  if (floors.indexOf(toFloor) > floors.indexOf(fromFloor)) return `${fromFloor}/ may not import ${toFloor}/`
  if (fromFloor === 'proxy' && fromPart === 'http1' && !target.startsWith('proxy/http1/'))
    return 'http1/ imports nothing of ours'
  if (fromFloor === 'proxy' && protocols.includes(fromPart)) {
    if (fromInner === 'wire' && !target.startsWith(`proxy/${fromPart}/wire/`)) return 'wire/ imports nothing of ours'
    if (toFloor === 'proxy' && protocols.includes(toPart) && toPart !== fromPart)
      return 'protocols never import one another'
  }
  return undefined
}

/** Every import below `root` that breaks the arrow, in words. */
export function brokenImports(root: string): string[] {
  const broken: string[] = []
  for (const floor of floors.filter((one) => existsSync(join(root, one)))) {
    for (const path of sources(join(root, floor))) {
      const file = relative(root, path)
      if (file.startsWith('rego/runtime/assembly/') || file.startsWith('engine/masking/kernel/assembly/')) continue
      for (const match of readFileSync(path, 'utf8').matchAll(
        /^\s*(?:import|export)\s[^'"]*from\s+'(\.[^']+)'|import\('(\.[^']+)'\)/gm,
      )) {
        const target = relative(root, resolve(dirname(path), match[1] ?? match[2] ?? ''))
        const why = objection(file, target)
        if (why !== undefined) broken.push(`${file}: imports ${target}: ${why}`)
      }
    }
  }
  return broken
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const broken = brokenImports(fileURLToPath(new URL('..', import.meta.url)))
  for (const line of broken) process.stderr.write(`${line}\n`)
  if (broken.length > 0) process.exitCode = 1
}
