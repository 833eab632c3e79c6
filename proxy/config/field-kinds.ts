// The kinds of fields that sallyport.yaml is described with.
import type { AnyFields, Field } from './shape.ts'

/** A minute in milliseconds. */
export const minute: number = 60_000
/** A day in milliseconds. */
export const day: number = 86_400_000
/** Bytes of a GiB. */
export const GiB: number = 2 ** 30

/** Any text. */
export const text = (about: string, more: object = {}): Field => ({ kind: 'text', form: 'any', about, ...more })
/** A name of letters, digits and a few signs. */
export const named = (about: string, more: object = {}): Field => ({ kind: 'text', form: 'name', about, ...more })
/** An HTTP URL. */
export const url = (about: string, more: object = {}): Field => ({ kind: 'text', form: 'http_url', about, ...more })
/** A path, taken from the folder of the file. */
export const path = (about: string, more: object = {}): Field => ({ kind: 'path', about, ...more })
/** A reference to a secret. */
export const secret = (about: string, more: object = {}): Field => ({ kind: 'reference', about, ...more })
/** True or false. */
export const flag = (about: string, otherwise: boolean): Field => ({ kind: 'boolean', about, otherwise })
/** A whole number in bounds. */
export const integer = (about: string, min: number, max: number, more: object = {}): Field => ({
  kind: 'integer',
  min,
  max,
  about,
  ...more,
})
/** A time such as `15m`. */
export const time = (about: string, maxMs: number, more: object = {}): Field => ({
  kind: 'duration',
  maxMs,
  about,
  ...more,
})
/** A size such as `64KiB`. */
export const size = (about: string, max: number, more: object = {}): Field => ({ kind: 'bytes', max, about, ...more })
/** One of a few values. */
export const choice = (about: string, values: readonly (string | number)[], more: object = {}): Field => ({
  kind: 'choice',
  values,
  about,
  ...more,
})
/** A list. */
export const list = (about: string, of: Field, more: object = { otherwise: [] }): Field => ({
  kind: 'list',
  of,
  about,
  ...more,
})
/** Names with values. */
export const map = (about: string, of: Field): Field => ({ kind: 'map', of, about, otherwise: {} })
/** Keys of their own. */
export const object = (about: string, fields: AnyFields, more: object = {}): Field => ({
  kind: 'object',
  fields,
  about,
  ...more,
})
/** May be absent, and then stays absent. */
export const optional: { readonly optional: true } = { optional: true }

/** The key that tells variants apart. */
export const tag = (about: string): Field => text(about)

/** Where an S3-compatible store is. */
export const bucket: Readonly<Record<'endpoint' | 'region' | 'bucket' | 'accessKey' | 'secretKey', Field>> = {
  endpoint: url('endpoint of the object store'),
  region: text('its region', { otherwise: 'us-east-1' }),
  bucket: text('its bucket'),
  accessKey: secret('access key'),
  secretKey: secret('secret key'),
}
