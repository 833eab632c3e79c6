// Detector of secrets that only the word before them gives away: `password=...`, `"api_key": "..."`, `Bearer ...`,
// and passwords in URLs.
import { bytes, not } from './bytes.ts'
import { type Detector, inKernel, tailOf } from './detector.ts'
import { anyCase, pattern, some } from './pattern.ts'

const dash = some(bytes('_-'), 0, 1)
const userSet = not(bytes(' \t\r\n"\'`<>/@:?#'))
const passwordSet = not(bytes(' \t\r\n"\'`<>/@?#'))

/** Words that name a password: what follows is one even when it looks like a word. */
const passwordWords = ['password', 'passwd', 'passphrase'].map(anyCase)
const secretWords = [
  ...['secret', 'token', 'credential', 'bearer'].map(anyCase),
  ...[
    ['api', 'key'],
    ['access', 'key'],
    ['auth', 'key'],
    ['private', 'key'],
    ['signing', 'key'],
    ['encryption', 'key'],
  ].map(([first = '', second = '']) => [...anyCase(first), dash, ...anyCase(second)]),
]

/** How a value goes on without quotes, and within each kind of them. */
const valueTails = [' \t\r\n"\'`,;&<>(){}[]|\\', '"\r\n', "'\r\n", '`\r\n'].map((ends) => tailOf(not(bytes(ends))))

/** What follows a key word and is not a word of prose, a placeholder or a reference. */
export const secret: Detector = {
  name: 'secret',
  looks: [
    {
      triggers: [...passwordWords, anyCase('pwd')],
      look: inKernel('password', ...valueTails),
      judges: true,
    },
    {
      triggers: [...secretWords, anyCase('authorization')],
      look: inKernel('value', ...valueTails),
      judges: true,
    },
    {
      triggers: [pattern('://', some(userSet, 0, Number.POSITIVE_INFINITY), ':', some(passwordSet))],
      look: inKernel('userinfo'),
    },
  ],
}
