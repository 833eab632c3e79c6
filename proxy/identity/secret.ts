// A secret as the parts of the gateway hand it on: it shows itself only when asked by name, and errors never hold it.
import { inspect } from 'node:util'
import type { UpstreamSecret } from './contract.ts'

/** A reference that cannot be resolved. Names what was asked for, never what it holds. */
export class CredentialError extends Error {
  readonly code: 'unknown' | 'unreadable' | 'too_large' | 'expired'
  constructor(code: CredentialError['code'], message: string) {
    super(message)
    this.name = 'CredentialError'
    this.code = code
  }
}

/** What the outside world gives; tests give their own. */
export interface CredentialPorts {
  readonly environment: { readonly [name: string]: string | undefined }
  readonly nowMs: () => number
  readonly fetch: typeof fetch
}

/** A secret that shows itself only when asked by name. */
class Secret implements UpstreamSecret {
  readonly #value: string
  readonly expiresAtMs: number | undefined
  constructor(value: string, expiresAtMs: number | undefined) {
    this.#value = value.endsWith('\n') ? value.slice(0, -1) : value
    this.expiresAtMs = expiresAtMs
  }
  /** The value. */
  reveal(): string {
    return this.#value
  }
  toString(): string {
    return '[secret]'
  }
  toJSON(): string {
    return '[secret]'
  }
  [inspect.custom](): string {
    return '[secret]'
  }
}

/** A secret, without the newline at its end; with an expiry it is asked for again before. */
export function secretOf(value: string, expiresAtMs: number | undefined): UpstreamSecret {
  return new Secret(value, expiresAtMs)
}

/** The object that a JSON text is; undefined for anything else. */
export function jsonObject(text: string): object | undefined {
  if (!text.trimStart().startsWith('{')) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

/** An object in a field. */
export function objectAt(from: object | undefined, name: string): object | undefined {
  const value: unknown = from === undefined ? undefined : Reflect.get(from, name)
  return typeof value === 'object' && value !== null ? value : undefined
}

/** A text in a field. */
export function textAt(from: object | undefined, name: string): string | undefined {
  const value: unknown = from === undefined ? undefined : Reflect.get(from, name)
  return typeof value === 'string' ? value : undefined
}
