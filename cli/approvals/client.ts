// Speaks to a gateway's admin listener.
import { visible } from '../sessions/transcript.ts'

/** The gateway did not do what was asked. `status` is 0 when it could not be reached. */
export class AdminError extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.name = 'AdminError'
    this.status = status
  }
}

const requestMs = 15_000

/** A client of one gateway. */
export class AdminClient {
  readonly #url: string
  readonly #token: string | undefined

  constructor(url: string, token: string | undefined) {
    this.#url = url.endsWith('/') ? url.slice(0, -1) : url
    this.#token = token
  }

  get<T>(path: string): Promise<T> {
    return this.#ask(path, { method: 'GET' })
  }

  post<T>(path: string, body: unknown): Promise<T> {
    return this.#ask(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  }

  /** What stands there as it is. */
  async bytes(path: string): Promise<Buffer> {
    return Buffer.from(await (await this.#answer(path, { method: 'GET' })).arrayBuffer())
  }

  async #ask<T>(path: string, init: RequestInit): Promise<T> {
    return JSON.parse(await (await this.#answer(path, init)).text())
  }

  async #answer(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers)
    if (this.#token !== undefined) headers.set('authorization', `Bearer ${this.#token}`)
    const response = await fetch(`${this.#url}${path}`, {
      ...init,
      headers,
      redirect: 'error',
      signal: AbortSignal.timeout(requestMs),
    }).catch(() => {
      throw new AdminError(0, `no gateway answers at ${this.#url}`)
    })
    if (response.ok) return response
    const text = await response.text()
    let title = `the gateway answered ${response.status}`
    try {
      const problem: unknown = JSON.parse(text)
      if (typeof problem === 'object' && problem !== null && 'title' in problem) title = visible(String(problem.title))
    } catch {
      // the status says enough
    }
    throw new AdminError(response.status, title)
  }
}
