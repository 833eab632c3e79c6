// Detector of payment cards: ISO/IEC 7812 issuer ranges in use, Luhn's check digit, plain or in groups.
import { bytes, digits, not } from './bytes.ts'
import { type Detector, inKernel } from './detector.ts'
import { pattern, some } from './pattern.ts'

const digit = some(digits)
const groupSeparator = some(bytes(' -'), 0, 1)

/** Thirteen digits with at most one separator between two, seen to the end of a group. */
const thirteen = Array.from({ length: 12 }, () => [digit, groupSeparator]).flat()

/** Payment cards. */
export const creditCard: Detector = {
  name: 'credit_card',
  looks: [{ triggers: [pattern(...thirteen, digit, some(not(digits)))], look: inKernel('card'), judges: true }],
}
