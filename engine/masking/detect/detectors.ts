// The detectors by the name that a policy uses.
import { email, ip } from './addresses.ts'
import { creditCard } from './cards.ts'
import { customDetector } from './custom.ts'
import type { Detector } from './detector.ts'
import { iban } from './iban.ts'
import { phone, ssn } from './numbers.ts'
import { secret } from './secrets.ts'
import { awsKey, azureKey, gcpKey, githubToken, jwt, privateKey, slackToken, stripeKey } from './tokens.ts'

/** What can be looked for: by name, or by an expression of the policy's own in RE2's syntax. Names of people and postal addresses cannot: no form tells them from other words. */
export type DetectorName =
  | `re2:${string}`
  | 'aws_key'
  | 'azure_key'
  | 'credit_card'
  | 'email'
  | 'gcp_key'
  | 'github_token'
  | 'iban'
  | 'ip'
  | 'jwt'
  | 'phone'
  | 'private_key'
  | 'secret'
  | 'slack_token'
  | 'ssn'
  | 'stripe_key'

type BuiltIn = Exclude<DetectorName, `re2:${string}`>

/** Every detector by its name. */
const detectorsByName: Readonly<Record<BuiltIn, Detector>> = {
  aws_key: awsKey,
  azure_key: azureKey,
  credit_card: creditCard,
  email,
  gcp_key: gcpKey,
  github_token: githubToken,
  iban,
  ip,
  jwt,
  phone,
  private_key: privateKey,
  secret,
  slack_token: slackToken,
  ssn,
  stripe_key: stripeKey,
}

/** True for the name of a detector. A policy that names another must be refused: it would mask nothing. */
export function isDetectorName(name: string): name is DetectorName {
  return isBuiltIn(name) || customDetector(name) !== undefined
}

function isBuiltIn(name: string): name is BuiltIn {
  return Object.hasOwn(detectorsByName, name)
}

/** The detector of a name. Throws for a name that `isDetectorName` does not know. */
export function detectorOf(name: DetectorName): Detector {
  const detector = isBuiltIn(name) ? detectorsByName[name] : customDetector(name)
  if (detector === undefined) throw new TypeError('there is no such detector')
  return detector
}

/** The names of those that are built in, sorted. */
export const detectorNames: readonly DetectorName[] = Object.keys(detectorsByName).filter(isBuiltIn).sort()
