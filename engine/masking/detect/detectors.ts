// The detectors by the name that a policy uses.
import { email, ip } from './addresses.ts'
import { creditCard } from './cards.ts'
import type { Detector } from './detector.ts'
import { iban } from './iban.ts'
import { phone, ssn } from './numbers.ts'
import { secret } from './secrets.ts'
import { awsKey, azureKey, gcpKey, githubToken, jwt, privateKey, slackToken, stripeKey } from './tokens.ts'

/** What can be looked for. Names of people and postal addresses cannot: no form tells them from other words. */
export type DetectorName =
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

/** Every detector by its name. */
export const detectorsByName: Readonly<Record<DetectorName, Detector>> = {
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
  return Object.hasOwn(detectorsByName, name)
}

/** All names, sorted. */
export const detectorNames: readonly DetectorName[] = Object.keys(detectorsByName).filter(isDetectorName).sort()
