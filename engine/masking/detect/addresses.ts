// Detectors of addresses: e-mail and IP.
import { bytes, digits, hexadecimal, not } from './bytes.ts'
import { type Detector, inKernel } from './detector.ts'
import { pattern, some } from './pattern.ts'

const localPart = bytes('A-Za-z0-9._%+-')
const label = bytes('A-Za-z0-9-')
const domain = bytes('A-Za-z0-9.-')

/** RFC 5321 4.5.3.1, in the characters that addresses are really written with. */
export const email: Detector = {
  name: 'email',
  looks: [
    {
      triggers: [pattern(some(localPart), '@', some(label, 1, Number.POSITIVE_INFINITY), '.', some(domain, 2))],
      look: inKernel('email'),
    },
  ],
}

const octet = some(digits, 1, 3)

/** IPv4 in dotted decimal, IPv6 in the forms of RFC 4291 2.2. */
export const ip: Detector = {
  name: 'ip',
  looks: [
    {
      triggers: [pattern(some(not(bytes('A-Za-z0-9_.'))), octet, '.', octet, '.', octet, '.', some(digits))],
      look: inKernel('ipv4'),
    },
    {
      triggers: [
        pattern('::', some(hexadecimal)),
        pattern(some(hexadecimal), '::'),
        pattern(
          some(not(bytes('A-Za-z0-9_:.'))),
          ...Array.from({ length: 7 }, () => [some(hexadecimal, 1, 4), ...pattern(':')]).flat(),
          some(hexadecimal),
        ),
      ],
      look: inKernel('ipv6'),
      judges: true,
    },
  ],
}
