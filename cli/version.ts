// Which version this is.
import { readFileSync } from 'node:fs'

/** The version of this product, as package.json has it. */
export function productVersion(): string {
  for (const up of ['../package.json', '../../package.json']) {
    try {
      const text: unknown = JSON.parse(readFileSync(new URL(up, import.meta.url), 'utf8'))
      if (typeof text === 'object' && text !== null && 'version' in text) return String(text.version)
    } catch {
      // the other place is tried next: sources and dist lie at different depths
    }
  }
  return 'unknown'
}
