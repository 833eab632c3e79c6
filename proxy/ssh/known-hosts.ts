// Known hosts in OpenSSH's form: whether a key is the one that is written down for a host. An unknown key is refused.
import { createHmac, timingSafeEqual } from 'node:crypto'

/** What is written down for hosts. */
export interface KnownHosts {
  /** True when exactly this key (as it goes over the wire) is known for the host and not revoked. */
  knows(host: string, port: number, key: Uint8Array): boolean
}

interface Entry {
  readonly marker: string
  readonly patterns: readonly string[]
  readonly key: Buffer
}

const linesMax = 100_000

/** Reads a known_hosts file. Lines that are not understood name no host. */
export function parseKnownHosts(text: string): KnownHosts {
  const entries = text
    .split('\n')
    .slice(0, linesMax)
    .flatMap((line) => entryOf(line.trim()))
  return {
    knows: (host, port, key) => {
      const wire = Buffer.from(key)
      const same = entries.filter((entry) => entry.key.equals(wire))
      if (same.some(({ marker }) => marker === '@revoked')) return false
      return same.some(({ marker, patterns }) => marker === '' && names(patterns, host, port))
    },
  }
}

function entryOf(line: string): readonly Entry[] {
  if (line === '' || line.startsWith('#')) return []
  const fields = line.split(/\s+/)
  const marker = fields[0]?.startsWith('@') ? (fields.shift() ?? '') : ''
  const [patterns, , key] = fields
  if (patterns === undefined || key === undefined) return []
  return [{ marker, patterns: patterns.split(','), key: Buffer.from(key, 'base64') }]
}

/** A pattern that is denied (`!`) outweighs all others, as in OpenSSH. */
function names(patterns: readonly string[], host: string, port: number): boolean {
  const name = port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`
  if (patterns.some((one) => one.startsWith('!') && matches(one.slice(1), name))) return false
  return patterns.some((one) => !one.startsWith('!') && matches(one, name))
}

function matches(pattern: string, name: string): boolean {
  if (!pattern.startsWith('|1|')) return wildcard(pattern.toLowerCase(), name)
  const [, , salt = '', hash = ''] = pattern.split('|')
  const made = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest()
  const given = Buffer.from(hash, 'base64')
  return made.length === given.length && timingSafeEqual(made, given)
}

/** `*` and `?`, matched in one pass with one place to go back to. */
function wildcard(pattern: string, name: string): boolean {
  let [at, in_, star, mark] = [0, 0, -1, 0]
  while (in_ < name.length) {
    const char = pattern[at]
    if (char === '*') {
      star = at++
      mark = in_
    } else if (char === '?' || char === name[in_]) {
      at++
      in_++
    } else if (star >= 0) {
      at = star + 1
      in_ = ++mark
    } else return false
  }
  while (pattern[at] === '*') at++
  return at === pattern.length
}
