// Detector of international bank account numbers (ISO 13616): country, its length, and the check by 97.
import { bytes, digits, not, word } from './bytes.ts'
import { type Detector, inKernel } from './detector.ts'
import { pattern, some } from './pattern.ts'

const upper = some(bytes('A-Z'))
const digit = some(digits)
const letterOrDigit = bytes('A-Z0-9')

/** Plain, or in groups with one space or dash between them. */
export const iban: Detector = {
  name: 'iban',
  looks: [
    {
      triggers: [pattern(some(not(word)), upper, upper, digit, digit, some(bytes(' -'), 0, 1), some(letterOrDigit))],
      look: inKernel('iban'),
      judges: true,
    },
  ],
}
