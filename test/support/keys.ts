// Certificates and keys made for tests (fixtures/keys).
import { readFileSync } from 'node:fs'

/** The text of one file of fixtures/keys. */
export function testKey(name: string): string {
  return readFileSync(new URL(`../../fixtures/keys/${name}`, import.meta.url), 'utf8')
}
