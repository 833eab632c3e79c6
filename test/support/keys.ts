// Certificates and keys made for tests (fixtures/keys).
import { existsSync, readFileSync } from 'node:fs'

/** Beside the tests, or one folder further up where the tests run compiled. */
const folder: URL =
  ['../../fixtures/keys/', '../../../fixtures/keys/']
    .map((path) => new URL(path, import.meta.url))
    .find((one) => existsSync(one)) ?? new URL('../../fixtures/keys/', import.meta.url)

/** The text of one file of fixtures/keys. */
export function testKey(name: string): string {
  return readFileSync(new URL(name, folder), 'utf8')
}
