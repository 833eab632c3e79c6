// A small S3: buckets by path, signed requests only, multipart uploads, listing in pages; and troubles on demand. For
// tests of what talks to one.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type SigV4Credentials, signRequest } from '../../bundles/source/index.ts'

/** What goes wrong with a request: an error, no answer at all, bytes that get lost, or an answer cut in the middle. */
export type Trouble = 'error' | 'stall' | 'lose' | 'cut' | 'error_in_200'

interface Upload {
  readonly key: string
  readonly parts: Map<number, Buffer>
}

const pageSize = 3

/** A running store. */
export class S3Server {
  readonly credentials: SigV4Credentials = { accessKeyId: 'AKID', secretAccessKey: 'secret', region: 'us-east-1' }
  readonly objects: Map<string, Buffer> = new Map()
  /** Every request, as `METHOD key?query names`. */
  readonly seen: string[] = []
  /** Says what goes wrong with a request. */
  trouble: (method: string, key: string, query: URLSearchParams) => Trouble | undefined = () => undefined
  readonly #uploads = new Map<string, Upload>()
  readonly #server: Server
  #uploadCount = 0

  constructor() {
    this.#server = createServer((request, response) => {
      this.#take(request, response).catch(() => response.destroy())
    })
  }

  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    const address = this.#server.address()
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(Buffer.from(chunk))
    const body = Buffer.concat(chunks)
    const url = new URL(request.url ?? '/', `http://${request.headers.host}`)
    const method = request.method ?? ''
    const key = decodeURIComponent(url.pathname.split('/').slice(2).join('/'))
    this.seen.push(`${method} ${key} ${[...url.searchParams.keys()].join(',')}`)
    if (!this.#isSigned(request, url, body))
      return answer(response, 403, '<Error><Code>SignatureDoesNotMatch</Code></Error>')
    const trouble = this.trouble(method, key, url.searchParams)
    if (trouble === 'stall') return undefined
    if (trouble === 'error') return answer(response, 500, '<Error><Code>InternalError</Code></Error>')
    if (trouble === 'error_in_200') return answer(response, 200, '<Error><Code>InternalError</Code></Error>')
    if (trouble === 'cut') {
      response.writeHead(200, { 'content-length': '1000' }).write('half')
      return response.destroy()
    }
    const kept = trouble === 'lose' ? body.subarray(0, Math.floor(body.length / 2)) : body
    if (key === '') return this.#list(response, url.searchParams)
    if (url.searchParams.has('uploads') || url.searchParams.has('uploadId'))
      return this.#multipart(response, method, key, url.searchParams, body, kept)
    return this.#object(response, method, key, kept)
  }

  #isSigned(request: IncomingMessage, url: URL, body: Buffer): boolean {
    const stamp = String(request.headers['x-amz-date'])
    const at = stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z')
    const bodyHash = createHash('sha256').update(body).digest('hex')
    const wanted = signRequest({ method: request.method ?? '', url, bodyHash }, this.credentials, Date.parse(at))
    return wanted['authorization'] === request.headers.authorization
  }

  #object(response: ServerResponse, method: string, key: string, body: Buffer): ServerResponse {
    const object = this.objects.get(key)
    if (method === 'PUT') {
      this.objects.set(key, body)
      return answer(response, 200, '', { etag: etagOf(body) })
    }
    if (method === 'DELETE') {
      this.objects.delete(key)
      return answer(response, 204, '')
    }
    if (object === undefined) return answer(response, 404, '<Error><Code>NoSuchKey</Code></Error>')
    return response.writeHead(200, { 'content-length': object.length, etag: etagOf(object) }).end(object)
  }

  #multipart(
    response: ServerResponse,
    method: string,
    key: string,
    query: URLSearchParams,
    body: Buffer,
    kept: Buffer,
  ): ServerResponse {
    if (query.has('uploads')) {
      const id = `upload-${++this.#uploadCount}`
      this.#uploads.set(id, { key, parts: new Map() })
      return answer(response, 200, `<R><UploadId>${id}</UploadId></R>`)
    }
    const id = query.get('uploadId') ?? ''
    const upload = this.#uploads.get(id)
    if (upload === undefined || upload.key !== key)
      return answer(response, 404, '<Error><Code>NoSuchUpload</Code></Error>')
    if (method === 'PUT') {
      upload.parts.set(Number(query.get('partNumber')), kept)
      return answer(response, 200, '', { etag: etagOf(body) })
    }
    if (method === 'GET') {
      const after = Number(query.get('part-number-marker') ?? 0)
      const parts = [...upload.parts].filter(([number]) => number > after).sort(([a], [b]) => a - b)
      const page = parts.slice(0, pageSize)
      const told = page.map(
        ([n, part]) => `<Part><PartNumber>${n}</PartNumber><ETag>&quot;${md5(part)}&quot;</ETag></Part>`,
      )
      const more = parts.length > pageSize
      return answer(
        response,
        200,
        `<R>${told.join('')}<IsTruncated>${more}</IsTruncated><NextPartNumberMarker>${page.at(-1)?.[0] ?? 0}</NextPartNumberMarker></R>`,
      )
    }
    const numbers = [...body.toString().matchAll(/<PartNumber>(\d+)</g)].map((match) => Number(match[1]))
    if (numbers.some((number) => !upload.parts.has(number)))
      return answer(response, 400, '<Error><Code>InvalidPart</Code></Error>')
    this.objects.set(key, Buffer.concat(numbers.map((number) => upload.parts.get(number) ?? Buffer.alloc(0))))
    this.#uploads.delete(id)
    return answer(response, 200, '<CompleteMultipartUploadResult></CompleteMultipartUploadResult>')
  }

  #list(response: ServerResponse, query: URLSearchParams): ServerResponse {
    const after = query.get('continuation-token') ?? ''
    const keys = [...this.objects.keys()]
      .filter((key) => key.startsWith(query.get('prefix') ?? '') && key > after)
      .sort()
    const page = keys.slice(0, pageSize)
    const told = page.map(
      (key) =>
        `<Contents><Key>${key.replaceAll('&', '&amp;')}</Key><Size>${this.objects.get(key)?.length}</Size></Contents>`,
    )
    const more = keys.length > pageSize ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : ''
    return answer(response, 200, `<R><IsTruncated>${keys.length > pageSize}</IsTruncated>${told.join('')}${more}</R>`)
  }
}

function answer(
  response: ServerResponse,
  status: number,
  text: string,
  headers: { [name: string]: string } = {},
): ServerResponse {
  return response.writeHead(status, { 'content-type': 'application/xml', ...headers }).end(text)
}

function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex')
}

function etagOf(bytes: Uint8Array): string {
  return `"${md5(bytes)}"`
}
