// A labelled corpus for the detectors: log lines with one value or one decoy each, made from a seed.
import { createHmac } from 'node:crypto'
import type { DetectorName } from '../../engine/masking/index.ts'

/** One line: what stands before, the value or decoy, what stands behind. */
export interface Labelled {
  readonly before: string
  readonly value: string
  readonly after: string
  /** The detector that must find the value; undefined for a decoy. */
  readonly detector: DetectorName | undefined
}

/** Numbers from 0 to 1 that depend on the seed alone (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const lower = upper.toLowerCase()
const digit = '0123456789'
const hex = '0123456789abcdef'
const alnum = upper + lower + digit
const words = (
  'request served cache miss user order worker started queue drained retry after timeout upstream shard replica index ' +
  'merge commit checkpoint session opened closed batch report export invoice customer payment gateway region cluster'
).split(' ')

/** Makes `count` lines, about half of them decoys. */
export function* labelled(count: number, seed: number): Generator<Labelled> {
  const random = seeded(seed)
  const below = (n: number): number => Math.floor(random() * n)
  const pick = <T>(items: readonly T[]): T => {
    const item = items[below(items.length)]
    if (item === undefined) throw new Error('nothing to pick from')
    return item
  }
  const run = (alphabet: string, length: number): string =>
    Array.from({ length }, () => alphabet[below(alphabet.length)]).join('')
  const mixed = (alphabet: string, length: number): string =>
    `${run(lower, 2)}${run(digit, 2)}${run(upper, 2)}${run(alphabet, length - 6)}`
  const name = (): string => `${pick(words)}${pick(['', '.', '_'])}${pick(words)}`
  const grouped = (text: string, sizes: readonly number[], separator: string): string => {
    const parts: string[] = []
    let at = 0
    for (const size of sizes) {
      parts.push(text.slice(at, at + size))
      at += size
    }
    return parts.join(separator)
  }
  const card = (): string => {
    const [prefix, length] = pick<readonly [string, number]>([
      ['4', 16],
      ['51', 16],
      ['55', 16],
      ['2221', 16],
      ['2720', 16],
      ['34', 15],
      ['37', 15],
      ['6011', 16],
      ['65', 16],
      ['3530', 16],
      ['36', 14],
      ['4', 13],
      ['4', 19],
    ])
    const body = prefix + run(digit, length - prefix.length - 1)
    return body + luhnDigit(body)
  }
  const writtenCard = (): string => {
    const plain = card()
    const separator = pick(['', ' ', '-'])
    if (separator === '') return plain
    if (plain.length === 16) return grouped(plain, [4, 4, 4, 4], separator)
    if (plain.length === 15) return grouped(plain, [4, 6, 5], separator)
    if (plain.length === 14) return grouped(plain, [4, 6, 4], separator)
    if (plain.length === 19) return grouped(plain, [4, 4, 4, 4, 3], separator)
    return plain
  }
  const iban = (): string => {
    const [country, bban] = pick<readonly [string, string]>([
      ['DE', run(digit, 18)],
      ['GB', run(upper, 4) + run(digit, 14)],
      ['FR', run(digit, 10) + run(upper + digit, 11) + run(digit, 2)],
      ['NL', run(upper, 4) + run(digit, 10)],
      ['NO', run(digit, 11)],
      ['ES', run(digit, 20)],
      ['MT', run(upper, 4) + run(digit, 5) + run(upper + digit, 18)],
    ])
    const plain = country + ibanCheck(country, bban) + bban
    return random() < 0.5 ? plain : (plain.match(/.{1,4}/g) ?? []).join(' ')
  }
  const octet = (): number => below(256)
  const jwt = (): string => {
    const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    const head = pick([
      { alg: 'HS256', typ: 'JWT' },
      { typ: 'JWT', alg: 'RS256', kid: run(hex, 8) },
      { kid: run(hex, 16), alg: 'ES256' },
    ])
    const signed = `${part(head)}.${part({ sub: name(), iat: 1_700_000_000 + below(10_000_000), aud: pick(words) })}`
    return `${signed}.${createHmac('sha256', 'corpus').update(signed).digest('base64url')}`
  }
  const pem = (): string => {
    const label = pick([
      'RSA PRIVATE KEY',
      'PRIVATE KEY',
      'EC PRIVATE KEY',
      'OPENSSH PRIVATE KEY',
      'ENCRYPTED PRIVATE KEY',
    ])
    const lines = Array.from({ length: 3 + below(6) }, () => run(`${alnum}+/`, 64))
    return [`-----BEGIN ${label}-----`, ...lines, `${run(alnum, 30)}==`, `-----END ${label}-----`].join(
      pick(['\n', '\\n']),
    )
  }
  const values: readonly (readonly [DetectorName, () => readonly [string, string, string]])[] = [
    [
      'credit_card',
      () => [pick(['card ', 'pan=', '"number":"', 'charged ']), writtenCard(), pick([' ', '"', ', ', '.\t'])],
    ],
    ['iban', () => [pick(['iban ', 'account=', '"iban":"', 'to ']), iban(), pick([' ', '"', ',', '.'])]],
    [
      'email',
      () => [
        pick(['user ', 'user=', '<', 'mailto:']),
        `${name()}${pick(['', `+${pick(words)}`, String(below(99))])}@${pick(words)}${pick(['', '-mail', '.corp'])}.${pick(['com', 'org', 'io', 'co.uk', 'example'])}`,
        pick([' ', '>', ',', '. ']),
      ],
    ],
    [
      'phone',
      () => {
        const local = [`${2 + below(8)}${run(digit, 2)}`, `${2 + below(8)}${run(digit, 2)}`, run(digit, 4)]
        const value = pick([
          () => `(${local[0]}) ${local[1]}-${local[2]}`,
          () => local.join('-'),
          () => local.join('.'),
          () => `+1 ${local.join(' ')}`,
          () => `+1-${local.join('-')}`,
          () => `+${pick(['44', '49', '33', '81', '47'])}${run(digit, 1).replace('0', '7')}${run(digit, 8)}`,
          () => `+${pick(['44', '49', '353'])} ${1 + below(9)}${run(digit, 1)} ${run(digit, 3)} ${run(digit, 4)}`,
        ])()
        return [pick(['call ', 'phone=', 'tel:', '"phone":"']), value, pick([' ', '"', ', ', '.'])]
      },
    ],
    [
      'ssn',
      () => {
        const area = pick([100 + below(500), 700 + below(199)])
        const separator = pick(['-', '-', ' '])
        return [
          pick(['ssn ', 'ssn=', '"ssn":"']),
          [area, String(1 + below(99)).padStart(2, '0'), String(1 + below(9999)).padStart(4, '0')].join(separator),
          pick([' ', '"', ',']),
        ]
      },
    ],
    [
      'ip',
      () => [
        pick(['from ', 'peer=', '[', 'addr: ']),
        pick([
          () => `${octet()}.${octet()}.${octet()}.${octet()}`,
          () => `2001:db8:${run(hex, 4)}::${1 + below(9)}`,
          () => Array.from({ length: 8 }, () => `${1 + below(9)}${run(hex, 3)}`).join(':'),
          () => `fe80::${1 + below(9)}${run(hex, 3)}:${run(hex, 4)}`,
        ])(),
        pick([' ', ']', ', ']),
      ],
    ],
    ['jwt', () => [pick(['session ', 'id_jwt ', '<', 'jws: ']), jwt(), pick([' ', '>', '\t'])]],
    ['private_key', () => [pick(['', 'key: ', '"key":"']), pem(), pick([' ', '"', ' |'])]],
    [
      'aws_key',
      () =>
        pick([
          () =>
            [
              pick(['id ', 'AccessKeyId: ', '"']),
              pick(['AKIA', 'ASIA']) + run(upper + digit, 16),
              pick([' ', '"', ',']),
            ] as const,
          () => ['aws_secret_access_key = ', run(`${alnum}+/`, 40), '\n'] as const,
        ])(),
    ],
    [
      'gcp_key',
      () => [
        pick(['key=', 'use ', '"']),
        pick([
          () => `AIza${run(`${alnum}_-`, 34)}${run(alnum, 1)}`,
          () => `ya29.${run(`${alnum}_-`, 60)}`,
          () => `GOCSPX-${run(`${alnum}_-`, 27)}${run(alnum, 1)}`,
        ])(),
        pick([' ', '"', '&']),
      ],
    ],
    [
      'azure_key',
      () =>
        pick([
          () => ['AccountName=store;AccountKey=', `${run(`${alnum}+/`, 86)}==`, ';EndpointSuffix=core'] as const,
          () =>
            ['client ', `${run(alnum, 3)}${run(digit, 1)}Q~${run(`${alnum}_~-`, 33)}${run(alnum, 1)}`, ' '] as const,
        ])(),
    ],
    [
      'github_token',
      () => [
        pick(['remote ', '"', 'use ']),
        pick([
          () => pick(['ghp_', 'gho_', 'ghs_', 'ghu_', 'ghr_']) + run(alnum, 36),
          () => `github_pat_${run(alnum, 22)}_${run(alnum, 59)}`,
        ])(),
        pick([' ', '"', ',']),
      ],
    ],
    [
      'slack_token',
      () => [
        pick(['bot ', '"', 'use ']),
        pick([
          () => `xox${pick(['b', 'p', 'a'])}-${run(digit, 12)}-${run(digit, 12)}-${run(alnum, 24)}`,
          () => `xapp-1-${run(upper + digit, 11)}-${run(digit, 13)}-${run(hex, 64)}`,
        ])(),
        pick([' ', '"', ',']),
      ],
    ],
    [
      'stripe_key',
      () => [
        pick(['key ', '"', 'use ']),
        pick([
          () => `${pick(['sk', 'rk'])}_${pick(['live', 'test'])}_${run(alnum, pick([24, 99]))}`,
          () => `whsec_${run(alnum, 32)}`,
        ])(),
        pick([' ', '"', ',']),
      ],
    ],
    [
      'secret',
      () =>
        pick([
          () =>
            [
              pick(['password=', 'DB_PASSWORD=', 'password: ', 'PGPASSWORD=', 'pwd=']),
              mixed(`${alnum}!#_`, 8 + below(20)),
              pick([' ', '\n', '&']),
            ] as const,
          () =>
            [
              pick(['"api_key": "', '"apiKey":"', '"client_secret":"', '"secret":"', '"auth_token":"']),
              mixed(alnum, 16 + below(30)),
              '"}',
            ] as const,
          () =>
            [
              pick(['Authorization: Bearer ', 'authorization: token ', 'Bearer ']),
              mixed(`${alnum}_`, 20 + below(30)),
              pick([' ', '\n', '"']),
            ] as const,
          () =>
            [
              pick(['SECRET_KEY=', 'ACCESS_TOKEN=', 'X-Api-Key: ', '--token ', '--password ']),
              mixed(alnum, 16 + below(20)),
              pick([' ', '\n']),
            ] as const,
          () =>
            [`postgres://${pick(words)}:`, mixed(`${alnum}!_`, 10 + below(10)), '@db.internal:5432/orders'] as const,
        ])(),
    ],
  ]
  const decoys: readonly (() => string)[] = [
    () => run(digit, pick([10, 11, 12, 20, 24])),
    () => {
      const good = card()
      return good.slice(0, -1) + String((Number(good.at(-1)) + 1 + below(9)) % 10)
    },
    () => `9${run(digit, 15)}`,
    () => `0.${run(digit, 16)}`,
    () => run(hex, pick([32, 40, 64])),
    () => `${run(hex, 8)}-${run(hex, 4)}-4${run(hex, 3)}-a${run(hex, 3)}-${run(hex, 12)}`,
    () => `DE00${run(digit, 18)}`,
    () => `${run(upper, 2)}${run(digit, 2)}-${run(digit, 4)}-${run(upper, 4)}`,
    () => `@${pick(words)}/${pick(words)}@${below(20)}.${below(20)}.${below(20)}`,
    () => `${pick(words)}@2x.png`,
    () => `${pick(words)}@localhost`,
    () => `000-${run(digit, 2)}-${run(digit, 4)}`,
    () =>
      `2026-${String(1 + below(12)).padStart(2, '0')}-${String(1 + below(28)).padStart(2, '0')}T${String(below(24)).padStart(2, '0')}:${String(below(60)).padStart(2, '0')}:11.${run(digit, 6)}Z`,
    () => `20260${1 + below(9)}${10 + below(19)} ${10 + below(13)}${10 + below(49)}${10 + below(49)}`,
    () => String(1_700_000_000_000 + below(99_999_999_999)),
    () => `v${below(20)}.${below(20)}.${below(20)}`,
    () => `${below(900)}.${256 + below(700)}.${below(256)}.${below(256)}`,
    () => `${run(hex, 2)}:${run(hex, 2)}:${run(hex, 2)}:${run(hex, 2)}:${run(hex, 2)}:${run(hex, 2)}`,
    () => `${pick(words)}::${pick(words)}::${pick(words)}`,
    () => `std::vector<${pick(words)}>`,
    () => `eyJ${run(lower, 6)}`,
    () => `AKIA${run(lower, 16)}`,
    () => `AKIA${run(upper, 12)}`,
    () => `ghp_${run(alnum, 12)}`,
    () => `xoxo-${pick(words)}`,
    () => `sk_live_${run(alnum, 6)}`,
    () => '-----BEGIN CERTIFICATE-----',
    () => 'expected -----BEGIN PRIVATE KEY----- at line 1, got something else',
    () => `password: ${pick(['required', 'invalid', '********', '<hidden>', '$DB_PASSWORD', 'null'])}`,
    () => `token ${pick(['expired', 'refreshed', 'is missing', 'accepted'])}`,
    () => `token_type=${pick(['bearer', 'access', 'refresh'])}`,
    () => `token_count=${below(100_000)}`,
    () => `secret_name=${pick(words)}-${pick(words)}-credentials`,
    () => `secret: ${pick(words)}`,
    () => `password_changed_at=2026-0${1 + below(9)}-11`,
    () => `apikey rotation ${pick(words)}`,
    () => `http://${pick(words)}.internal:${1000 + below(8999)}/${pick(words)}`,
    () => `+${below(999)} -${below(999)}`,
    () => `${below(999)}-${below(99)}-${below(99)}`,
    () => `${run(digit, 4)} ${run(digit, 4)}`,
    () => `${below(99)}.${run(digit, 2)} ${below(99)}.${run(digit, 3)} ${below(99)}.${run(digit, 3)}`,
    () => `0x${run(hex, 16)}`,
    () => `size=${below(99_999_999)} offset=${below(99_999_999)}`,
    () => Buffer.from(`${pick(words)} ${pick(words)} ${pick(words)}`).toString('base64'),
    () => `SKU-${run(upper, 3)}-${run(digit, 6)}`,
  ]
  for (let made = 0; made < count; made++) {
    const start = `2026-11-${10 + below(19)}T0${below(9)}:${10 + below(49)}:${10 + below(49)}Z ${pick(['info', 'warn', 'error'])} ${pick(words)} ${pick(words)} `
    const rest = `${pick(words)} ${pick(words)}\n`
    if (random() < 0.5) {
      const [detector, make] = pick(values)
      const [before, value, after] = make()
      yield { before: start + before, value, after: `${after}${after === '\n' ? '' : rest}`, detector }
    } else yield { before: start, value: pick(decoys)(), after: ` ${rest}`, detector: undefined }
  }
}

function luhnDigit(body: string): string {
  let sum = 0
  for (const [index, character] of [...body].reverse().entries()) {
    const value = Number(character) * (index % 2 === 0 ? 2 : 1)
    sum += value > 9 ? value - 9 : value
  }
  return String((10 - (sum % 10)) % 10)
}

function ibanCheck(country: string, bban: string): string {
  let remainder = 0n
  for (const character of `${bban}${country}00`) {
    const value = Number.parseInt(character, 36)
    remainder = (remainder * (value > 9 ? 100n : 10n) + BigInt(value)) % 97n
  }
  return String(98n - remainder).padStart(2, '0')
}
