// Detectors of numbers with a form: US social security numbers, phone numbers.
import { bytes, digits } from './bytes.ts'
import { type Detector, inKernel } from './detector.ts'
import { type Element, pattern, some } from './pattern.ts'

const digit = some(digits)

function numberOf(count: number): Element {
  return some(digits, count)
}

/** US social security numbers in their written form, numbers that were never issued left out. */
export const ssn: Detector = {
  name: 'ssn',
  looks: [
    {
      triggers: [
        pattern(numberOf(3), '-', numberOf(2), '-', numberOf(4)),
        pattern(numberOf(3), ' ', numberOf(2), ' ', numberOf(4)),
      ],
      look: inKernel('ssn'),
    },
  ],
}

const separators = bytes(' .()-')
/** Digits with up to two separators before each. */
const fourDigits = Array.from({ length: 4 }, () => [some(separators, 0, 2), digit]).flat()

/** Phone numbers: international with a plus sign, and North American in their written forms. */
export const phone: Detector = {
  name: 'phone',
  looks: [
    {
      triggers: [pattern('+', some(bytes('1-9')), ...fourDigits), pattern('+(', some(bytes('1-9')), ...fourDigits)],
      look: inKernel('international'),
    },
    {
      triggers: [
        pattern(numberOf(3), some(bytes(').-')), some(bytes(' '), 0, 1), numberOf(3), some(bytes('-. ')), numberOf(4)),
        pattern(numberOf(3), ' ', numberOf(3), some(bytes('- ')), numberOf(4)),
      ],
      look: inKernel('northAmerican'),
    },
  ],
}
