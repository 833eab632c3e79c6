// JavaScript for our TypeScript, kept between runs under the hash of the text, and where its lines come from.
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const settings = { loader: 'ts', format: 'esm', target: 'node20', sourcemap: 'external' }
const folder = fileURLToPath(new URL('../../node_modules/.cache/tests/', import.meta.url))
mkdirSync(folder, { recursive: true })

function placeOf(text) {
  return join(folder, createHash('sha256').update(JSON.stringify(settings)).update(text).digest('hex'))
}

/** The JavaScript of one file. */
export async function compiled(path) {
  const text = readFileSync(path)
  const place = placeOf(text)
  try {
    return readFileSync(place, 'utf8')
  } catch {
    const { transform } = await import('esbuild')
    const { code, map } = await transform(text, settings)
    put(`${place}.map`, map)
    put(place, code)
    return code
  }
}

/** Other processes see a file whole or not at all. */
function put(place, text) {
  const part = `${place}.${process.pid}`
  writeFileSync(part, text)
  renameSync(part, place)
}

/** A stack with the places in the sources instead of those in what ran. */
export function withSourcePlaces(stack) {
  return stack.replace(/(file:\/\/[^\s()]+\.ts):(\d+):(\d+)/g, (whole, url, line, column) => {
    try {
      const map = JSON.parse(readFileSync(`${placeOf(readFileSync(fileURLToPath(url)))}.map`, 'utf8'))
      const { originalLine, originalColumn } = new SourceMap(map).findEntry(Number(line) - 1, Number(column) - 1)
      return `${url}:${originalLine + 1}:${originalColumn + 1}`
    } catch {
      return whole
    }
  })
}
