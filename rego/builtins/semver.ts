// semver.compare semver.is_valid: versions as semver.org has them, with what OPA lets pass besides: a `v` before them,
// numbers with a sign or leading zeros, nothing behind `-` or `+`.
import { type Builtin, BuiltinError } from './contract.ts'
import { stringOperand } from './operands.ts'

/** The built-ins on versions by name. */
export const semver: Readonly<Record<string, Builtin>> = {
  'semver.is_valid': (_, [text = null]) => typeof text === 'string' && parseVersion(text) !== undefined,
  'semver.compare': (_, args) => {
    const [a, b] = [1, 2].map((position) => {
      const text = stringOperand(args, position)
      const version = parseVersion(text)
      if (version !== undefined) return version
      const message = `operand ${position}: string ${JSON.stringify(text)} is not a valid SemVer`
      throw new BuiltinError('eval_builtin_error', message)
    })
    return a === undefined || b === undefined ? undefined : compareVersions(a, b)
  },
}

interface Version {
  readonly numbers: readonly bigint[]
  /** Empty for a release. */
  readonly preRelease: readonly string[]
}

/** How long a version may be. */
const VERSION_MAX = 1_000

function parseVersion(text: string): Version | undefined {
  if (text.length > VERSION_MAX) return undefined
  const [withoutBuild, build] = cut(text.startsWith('v') ? text.slice(1) : text, '+')
  const [core, preRelease] = cut(withoutBuild, '-')
  const numbers = core.split('.')
  if (numbers.length !== 3 || !numbers.every(isNumber)) return undefined
  const identifiers = preRelease === '' ? [] : preRelease.split('.')
  if (!identifiers.every(isIdentifier)) return undefined
  if (build !== '' && !build.split('.').every(isIdentifier)) return undefined
  return { numbers: numbers.map((each) => BigInt(each.replace('+', ''))), preRelease: identifiers }
}

function cut(text: string, at: string): [before: string, after: string] {
  const index = text.indexOf(at)
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)]
}

const NUMBER_MAX = (1n << 63n) - 1n

/** An integer of 64 bits; a `-` ends the numbers, so only `+` can stand before one. */
function isNumber(text: string): boolean {
  return /^\+?[0-9]+$/.test(text) && BigInt(text.replace('+', '')) <= NUMBER_MAX
}

function isIdentifier(text: string): boolean {
  return /^[0-9A-Za-z-]+$/.test(text)
}

function compareVersions(a: Version, b: Version): number {
  for (const [i, x] of a.numbers.entries()) {
    const y = b.numbers[i] ?? 0n
    if (x !== y) return x < y ? -1 : 1
  }
  if (a.preRelease.length === 0 || b.preRelease.length === 0) {
    return Math.sign(b.preRelease.length - a.preRelease.length)
  }
  for (const [i, x] of a.preRelease.entries()) {
    const y = b.preRelease[i]
    if (y === undefined) return 1
    const order = compareIdentifiers(x, y)
    if (order !== 0) return order
  }
  return a.preRelease.length === b.preRelease.length ? 0 : -1
}

function compareIdentifiers(x: string, y: string): number {
  if (x === y) return 0
  const [numericX, numericY] = [/^[0-9]+$/.test(x), /^[0-9]+$/.test(y)]
  if (numericX && numericY) return BigInt(x) < BigInt(y) ? -1 : 1
  if (numericX !== numericY) return numericX ? -1 : 1
  return x < y ? -1 : 1
}
