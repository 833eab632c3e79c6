// Recordings in an S3-compatible store. Large files go in parts, and go on after a crash with the parts that arrived;
// what is there at the end is compared with what was sent before anyone believes it.
import { createHash } from 'node:crypto'
import { open, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { boundedBody } from '../../bundles/source/bounded-body.ts'
import { type SigV4Credentials, signRequest } from '../../bundles/source/index.ts'
import { RecordingError } from './error.ts'
import { elements, elementText } from './s3-xml.ts'
import { objectBytesMax, type RecordingStore, type StoredObject } from './store.ts'

/** Where objects are kept, and how to ask. */
export interface S3StoreConfig {
  /** The store's address; buckets are addressed by path. */
  readonly endpoint: string
  readonly bucket: string
  /** In front of every name. */
  readonly prefix: string
  /** Called for each request, so that short-lived credentials can change. */
  readonly credentials: () => Promise<SigV4Credentials>
  readonly fetch: typeof fetch
  readonly nowMs: () => number
  /** Bytes of a part; what is larger goes in parts. */
  readonly partBytes?: number
  /** How long one request may take. */
  readonly requestMs?: number
}

/** The least that stores take as a part that is not the last is 5 MiB. */
const partBytesDefault = 8 * 1024 * 1024
const requestMsDefault = 60_000
const answerBytesMax = 16 * 1024 * 1024
const pagesMax = 10_000

/** A part that arrived. */
interface Part {
  readonly number: number
  readonly etag: string
}

/** A store in a bucket. */
export class S3Store implements RecordingStore {
  readonly #config: S3StoreConfig
  readonly #base: string

  constructor(config: S3StoreConfig) {
    this.#config = config
    this.#base = `${config.endpoint.replace(/\/$/, '')}/${encodeURIComponent(config.bucket)}`
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    await this.#ask('PUT', this.#url(name), bytes)
    await this.#checkSize(name, bytes.length)
  }

  async putFile(name: string, path: string): Promise<void> {
    const partBytes = this.#config.partBytes ?? partBytesDefault
    const { size } = await stat(path)
    if (size <= partBytes) {
      await this.put(name, await readFile(path))
      return
    }
    const state = `${path}.upload`
    const upload = (await this.#resumed(name, state)) ?? (await this.#begun(name, state))
    const parts: Part[] = []
    const file = await open(path, 'r')
    try {
      for (let number = 1, at = 0; at < size; number++, at += partBytes) {
        const bytes = Buffer.allocUnsafe(Math.min(partBytes, size - at))
        await file.read(bytes, 0, bytes.length, at)
        const digest = md5(bytes)
        const arrived = upload.parts.get(number)
        // A store that encrypts tells tags of its own; such a part is sent again rather than taken on trust.
        if (arrived === digest) parts.push({ number, etag: digest })
        else parts.push({ number, etag: await this.#sendPart(name, upload.id, number, bytes) })
      }
    } finally {
      await file.close()
    }
    try {
      await this.#complete(name, upload.id, parts)
      await this.#checkSize(name, size)
    } catch (error) {
      // Whatever the store made of the parts, the next try begins anew.
      await rm(state, { force: true })
      throw error
    }
    await rm(state, { force: true })
  }

  async list(prefix: string): Promise<readonly StoredObject[]> {
    const found: StoredObject[] = []
    const whole = this.#config.prefix + prefix
    let token: string | undefined
    for (let page = 0; page < pagesMax; page++) {
      const { text } = await this.#ask(
        'GET',
        this.#url(undefined, {
          'list-type': '2',
          prefix: whole,
          ...(token === undefined ? {} : { 'continuation-token': token }),
        }),
      )
      for (const one of elements(text, 'Contents')) {
        const key = elementText(one, 'Key') ?? ''
        const bytes = Number(elementText(one, 'Size'))
        if (key.startsWith(whole) && Number.isSafeInteger(bytes))
          found.push({ name: key.slice(this.#config.prefix.length), bytes })
      }
      token = elementText(text, 'NextContinuationToken')
      if (elementText(text, 'IsTruncated') !== 'true') return found.sort((a, b) => (a.name < b.name ? -1 : 1))
      if (token === undefined) break
    }
    throw new RecordingError('unreadable', 'the store does not list its objects to the end')
  }

  async get(name: string): Promise<Buffer | undefined> {
    const { status, bytes } = await this.#ask('GET', this.#url(name), undefined, objectBytesMax)
    return status === 404 ? undefined : bytes
  }

  async remove(name: string): Promise<void> {
    await this.#ask('DELETE', this.#url(name))
  }

  /** The parts of an upload that a crash interrupted; undefined where there is none. */
  async #resumed(name: string, state: string): Promise<{ id: string; parts: ReadonlyMap<number, string> } | undefined> {
    const id = await readFile(state, 'utf8').catch(() => '')
    if (id === '') return undefined
    const parts = new Map<number, string>()
    let marker = ''
    for (let page = 0; page < pagesMax; page++) {
      const query = { uploadId: id, ...(marker === '' ? {} : { 'part-number-marker': marker }) }
      const { status, text } = await this.#ask('GET', this.#url(name, query))
      if (status === 404) return undefined
      for (const one of elements(text, 'Part'))
        parts.set(Number(elementText(one, 'PartNumber')), unquoted(elementText(one, 'ETag') ?? ''))
      marker = elementText(text, 'NextPartNumberMarker') ?? ''
      if (elementText(text, 'IsTruncated') !== 'true' || marker === '') break
    }
    return { id, parts }
  }

  async #begun(name: string, state: string): Promise<{ id: string; parts: ReadonlyMap<number, string> }> {
    const { text } = await this.#ask('POST', this.#url(name, { uploads: '' }), new Uint8Array(0))
    const id = elementText(text, 'UploadId')
    if (id === undefined) throw new RecordingError('unwritable', 'the store began no upload')
    await writeFile(state, id, { mode: 0o600 })
    return { id, parts: new Map() }
  }

  async #sendPart(name: string, uploadId: string, number: number, bytes: Uint8Array): Promise<string> {
    const { headers } = await this.#ask('PUT', this.#url(name, { partNumber: String(number), uploadId }), bytes)
    const etag = unquoted(headers.get('etag') ?? '')
    if (etag === '') throw new RecordingError('unwritable', 'the store did not say what it kept')
    return etag
  }

  async #complete(name: string, id: string, parts: readonly Part[]): Promise<void> {
    const list = parts.map(
      ({ number, etag }) => `<Part><PartNumber>${number}</PartNumber><ETag>"${etag}"</ETag></Part>`,
    )
    const body = Buffer.from(`<CompleteMultipartUpload>${list.join('')}</CompleteMultipartUpload>`)
    const { text } = await this.#ask('POST', this.#url(name, { uploadId: id }), body)
    // An error can come with status 200 here: the store answers before it is done.
    if (!text.includes('<CompleteMultipartUploadResult'))
      throw new RecordingError('unwritable', 'the store did not put the parts together')
  }

  async #checkSize(name: string, bytes: number): Promise<void> {
    const { status, headers } = await this.#ask('HEAD', this.#url(name))
    if (status === 404 || Number(headers.get('content-length')) !== bytes)
      throw new RecordingError('unwritable', `${name} did not arrive whole`)
  }

  #url(name: string | undefined, query: { readonly [name: string]: string } = {}): URL {
    const key =
      name === undefined ? '' : `/${(this.#config.prefix + name).split('/').map(encodeURIComponent).join('/')}`
    const url = new URL(this.#base + key)
    for (const [field, value] of Object.entries(query)) url.searchParams.set(field, value)
    return url
  }

  /** Asks and reads the whole answer. 404 is an answer, for what may be absent; everything else rejects. */
  async #ask(
    method: string,
    url: URL,
    body?: Uint8Array,
    bytesMax: number = answerBytesMax,
  ): Promise<{ readonly status: number; readonly headers: Headers; readonly bytes: Buffer; readonly text: string }> {
    const { credentials, nowMs, requestMs } = this.#config
    const bodyHash = createHash('sha256')
      .update(body ?? '')
      .digest('hex')
    try {
      const response = await this.#config.fetch(url, {
        method,
        headers: signRequest({ method, url, bodyHash }, await credentials(), nowMs()),
        ...(body === undefined ? {} : { body: new Uint8Array(body) }),
        redirect: 'error',
        signal: AbortSignal.timeout(requestMs ?? requestMsDefault),
      })
      const bytes = await boundedBody(response, bytesMax)
      const text = bytes.length <= answerBytesMax ? bytes.toString('utf8') : ''
      const isAbsent = response.status === 404 && method !== 'PUT' && !text.includes('<Code>NoSuchBucket<')
      if (!response.ok && !isAbsent)
        throw new Error(`it answered ${response.status} ${elementText(text, 'Code') ?? ''}`)
      return { status: response.status, headers: response.headers, bytes, text }
    } catch (cause) {
      throw new RecordingError('unwritable', `the object store did not do its part (${method})`, { cause })
    }
  }
}

function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex')
}

function unquoted(etag: string): string {
  return etag.replaceAll('"', '')
}
