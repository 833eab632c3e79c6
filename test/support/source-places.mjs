// Where what runs in a test comes from: `built-tests.ts` makes modules of many files and keeps a map beside each.
import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'

const folder = process.env.TEST_BUILT
/** The test file of each path below the folder that node:test started or that was built of it. */
const sources = new Map(folder ? Object.entries(JSON.parse(readFileSync(join(folder, 'sources.json'), 'utf8'))) : [])
const maps = new Map()

function mapOf(path) {
  if (!maps.has(path)) {
    try {
      maps.set(path, new SourceMap(JSON.parse(readFileSync(`${path}.map`, 'utf8'))))
    } catch {
      maps.set(path, undefined)
    }
  }
  return maps.get(path)
}

/** A text, such as a stack, that names sources and their lines instead of what was built of them. */
export function withSources(text) {
  const placed = text.replace(/(?:file:\/\/)?(\/[^\s():'"]+\.js):(\d+):(\d+)/g, (whole, path, line, column) => {
    const { originalSource, originalLine, originalColumn } = mapOf(path)?.findEntry(line - 1, column - 1) ?? {}
    if (originalSource === undefined) return whole
    return `${resolve(dirname(path), originalSource)}:${originalLine + 1}:${originalColumn + 1}`
  })
  if (folder === undefined || !placed.includes(folder)) return placed
  return placed.replace(/\/[^\s():'"]+\.js/g, (path) => sources.get(path) ?? path)
}

/** The test file, as one types it, that reported from a path. */
export function sourceOf(path, line, column) {
  return relative(process.cwd(), sources.get(path) ?? withSources(`${path}:${line}:${column}`).replace(/:\d+:\d+$/, ''))
}
