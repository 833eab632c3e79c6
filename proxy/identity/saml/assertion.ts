// What a signed assertion says, read from the very bytes that were signed: who, by whom, for whom, and until when
// (SAML Core 2, RFC 7522 3). Everything that is not understood refuses it.
import { SamlError, samlNamespace } from './signature.ts'
import type { XmlElement } from './xml.ts'

/** What an assertion must say to count here. */
export interface AssertionExpected {
  readonly entityId: string
  readonly audience: string
  readonly recipient: string
  readonly lifetimeMaxMs: number
  readonly clockSkewMs: number
  readonly nowMs: number
}

/** What it said. */
export interface AssertionClaims {
  readonly id: string
  readonly nameId: string
  readonly attributes: ReadonlyMap<string, readonly string[]>
  readonly issuedAtMs: number
  /** From here on neither the assertion nor the login behind it counts. */
  readonly expiresAtMs: number
  /** Until here the same assertion must not be taken again. */
  readonly replayUntilMs: number
}

const bearer = 'urn:oasis:names:tc:SAML:2.0:cm:bearer'
const transient = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient'
const entity = 'urn:oasis:names:tc:SAML:2.0:nameid-format:entity'
const textCharsMax = 1024
const valuesMax = 256

/** Reads the claims of a verified assertion. Throws SamlError. */
export function readAssertion(root: XmlElement, expected: AssertionExpected): AssertionClaims {
  for (const { local, namespace } of root.children)
    if (namespace !== samlNamespace || !parts.has(local))
      throw new SamlError(`the assertion has a part that is not known`)
  if (root.attributes.get('Version') !== '2.0') throw new SamlError('the assertion is not of version 2.0')
  const { nowMs, clockSkewMs } = expected
  const issuer = one(root, 'Issuer')
  if (textOf(issuer) !== expected.entityId || (issuer.attributes.get('Format') ?? entity) !== entity)
    throw new SamlError('the assertion is of another issuer')
  const issuedAtMs = timeOf(root, 'IssueInstant')
  if (issuedAtMs === undefined) throw new SamlError('the assertion does not say when it was issued')
  if (issuedAtMs > nowMs + clockSkewMs) throw new SamlError('the assertion was issued in the future')
  const conditionsEndMs = checkConditions(one(root, 'Conditions'), expected)
  const subject = one(root, 'Subject')
  const confirmedUntilMs = checkConfirmation(subject, expected)
  const nameId = one(subject, 'NameID')
  const name = textOf(nameId)
  if (name === '' || nameId.attributes.get('Format') === transient)
    throw new SamlError('the assertion does not name its subject for longer than this once')
  const sessionsEndMs = many(root, 'AuthnStatement').map(
    (one) => timeOf(one, 'SessionNotOnOrAfter') ?? Number.POSITIVE_INFINITY,
  )
  const endsMs = Math.min(conditionsEndMs, confirmedUntilMs)
  if (endsMs - issuedAtMs > expected.lifetimeMaxMs)
    throw new SamlError(
      `the assertion lives longer than the ${Math.round(expected.lifetimeMaxMs / 60_000)} minutes that are allowed`,
    )
  const expiresAtMs = Math.min(...sessionsEndMs, Number.POSITIVE_INFINITY)
  if (expiresAtMs <= nowMs) throw new SamlError('the login behind the assertion has ended')
  return {
    id: root.attributes.get('ID') ?? '',
    nameId: name,
    attributes: attributesOf(root),
    issuedAtMs,
    expiresAtMs,
    replayUntilMs: endsMs + 2 * clockSkewMs,
  }
}

const parts: ReadonlySet<string> = new Set(['Issuer', 'Subject', 'Conditions', 'AuthnStatement', 'AttributeStatement'])

/** The time at which the conditions end. A condition that is not known makes the assertion count for nothing (Core 2.5.1). */
function checkConditions(conditions: XmlElement, { audience, nowMs, clockSkewMs }: AssertionExpected): number {
  const from = timeOf(conditions, 'NotBefore')
  const until = timeOf(conditions, 'NotOnOrAfter')
  if (until === undefined) throw new SamlError('the conditions have no end')
  if (from !== undefined && nowMs + clockSkewMs < from) throw new SamlError('the assertion does not count yet')
  if (nowMs - clockSkewMs >= until) throw new SamlError('the assertion has expired')
  const known: ReadonlySet<string> = new Set(['AudienceRestriction', 'OneTimeUse'])
  if (conditions.children.some(({ local, namespace }) => namespace !== samlNamespace || !known.has(local)))
    throw new SamlError('the assertion has a condition that is not known')
  const restrictions = many(conditions, 'AudienceRestriction')
  // Every restriction must be met, each by one of its audiences (Core 2.5.1.4).
  const met = restrictions.every((each) => many(each, 'Audience').some((one) => textOf(one) === audience))
  if (restrictions.length === 0 || !met) throw new SamlError('the assertion is for another audience')
  return until
}

/** The time until which a bearer may show it here (RFC 7522 3, item 5). */
function checkConfirmation(subject: XmlElement, { recipient, nowMs, clockSkewMs }: AssertionExpected): number {
  const bearers = many(subject, 'SubjectConfirmation').filter((one) => one.attributes.get('Method') === bearer)
  const [confirmation] = bearers
  if (confirmation === undefined || bearers.length > 1)
    throw new SamlError('the assertion is not confirmed for one bearer')
  const data = one(confirmation, 'SubjectConfirmationData')
  if (data.attributes.get('Recipient') !== recipient) throw new SamlError('the assertion is for another recipient')
  // Nothing was requested, so an answer to a request is somebody else's.
  if (data.attributes.has('InResponseTo')) throw new SamlError('the assertion answers a request that was not made here')
  if (data.attributes.has('NotBefore') || data.attributes.has('Address'))
    throw new SamlError('the confirmation says more than is understood here')
  const until = timeOf(data, 'NotOnOrAfter')
  if (until === undefined) throw new SamlError('the confirmation has no end')
  if (nowMs - clockSkewMs >= until) throw new SamlError('the assertion has expired')
  return until
}

function attributesOf(root: XmlElement): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>()
  for (const statement of many(root, 'AttributeStatement'))
    for (const attribute of many(statement, 'Attribute')) {
      const name = attribute.attributes.get('Name') ?? ''
      if (name === '' || found.has(name)) throw new SamlError('an attribute has no name, or comes twice')
      const values = many(attribute, 'AttributeValue').map(textOf)
      if (values.length > valuesMax) throw new SamlError(`an attribute has more than ${valuesMax} values`)
      found.set(name, values)
    }
  return found
}

function one(parent: XmlElement, local: string): XmlElement {
  const [found, ...more] = many(parent, local)
  if (found === undefined || more.length > 0) throw new SamlError(`the assertion has not exactly one ${local}`)
  return found
}

function many(parent: XmlElement, local: string): readonly XmlElement[] {
  return parent.children.filter((child) => child.local === local && child.namespace === samlNamespace)
}

function textOf({ children, text }: XmlElement): string {
  const trimmed = text.trim()
  if (children.length > 0 || trimmed.length > textCharsMax) throw new SamlError('a text of the assertion is none')
  return trimmed
}

/** A time in UTC, as SAML writes them (Core 1.3.3); undefined when it is absent. */
function timeOf({ attributes }: XmlElement, name: string): number | undefined {
  const text = attributes.get(name)
  if (text === undefined) return undefined
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/.test(text))
    throw new SamlError('a time of the assertion is none')
  const ms = Date.parse(text)
  if (Number.isNaN(ms)) throw new SamlError('a time of the assertion is none')
  return ms
}
