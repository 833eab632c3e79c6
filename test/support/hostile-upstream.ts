// An upstream that answers in every order that there is, early, late, in pieces, with more than was asked for or less, and
// ends connections whenever it likes. A request names itself in its path and in `X-Id`, and every byte says whose it is.
import type { Socket } from 'node:net'

/** What it must have done in a run that is long enough. */
export const hostileKinds: readonly string[] = [
  'early',
  'cut',
  'reset',
  'ended',
  'silent',
  'behind',
  'switch',
  'ended before',
  'none',
  'whole',
]

/** Numbers by chance that come again: the same in every run. */
export function chances(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** A text in which every few bytes tell of which request they are. */
export function filled(id: string, length: number): string {
  return `<${id}>`.repeat(Math.ceil(length / (id.length + 2))).slice(0, length)
}

/** What such an upstream does with requests, by chance. */
export class HostileUpstream {
  /** Requests that came otherwise than they were sent. */
  readonly wrong: string[] = []
  /** How often it did what. */
  readonly kinds: Map<string, number> = new Map()
  readonly #chance: (below: number) => number
  constructor(seed: number) {
    this.#chance = chances(seed)
  }

  /** Serves a connection. */
  serve(socket: Socket): void {
    socket.setNoDelay(true)
    socket.on('error', () => undefined)
    let kept = ''
    /** The request whose body is still to come was answered already. */
    let isAnswered = false
    socket.on('data', (bytes) => {
      kept += bytes.toString('latin1')
      for (;;) {
        const end = kept.indexOf('\r\n\r\n')
        if (end < 0) return
        const head = kept.slice(0, end)
        const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)
        const id = /^x-id: (.*)$/im.exec(head)?.[1]?.trim() ?? ''
        if (kept.length < end + 4 + length) {
          if (!isAnswered && this.#chance(3) === 0) {
            isAnswered = true
            this.#count('early')
            this.#answer(socket, id, false)
          }
          return
        }
        const body = kept.slice(end + 4, end + 4 + length)
        kept = kept.slice(end + 4 + length)
        if (body !== filled(id, length) || !head.includes(` /of/${id} `))
          this.wrong.push(`sent: ${head} ${body.slice(0, 80)}`)
        if (!isAnswered) this.#answer(socket, id, head.startsWith('HEAD'))
        isAnswered = false
      }
    })
  }

  #count(kind: string): void {
    this.kinds.set(kind, (this.kinds.get(kind) ?? 0) + 1)
  }

  #answer(socket: Socket, id: string, isHead: boolean): void {
    const chance = this.#chance
    const length = [0, 3, 500, 2000, 5000, 20_000, 140_000, 300_000][chance(8)] ?? 0
    const text = filled(id, length)
    const isChunked = chance(3) === 0
    const status = chance(12) === 0 ? 304 : chance(12) === 0 ? 204 : 200
    const isBare = isHead || status !== 200
    const closes = chance(10) === 0
    const interim =
      chance(6) === 0 ? `HTTP/1.1 10${chance(2) * 3} Wait\r\nX-Id: ${id}\r\n\r\n`.repeat(1 + chance(3)) : ''
    const framing = status === 204 ? '' : isChunked ? 'Transfer-Encoding: chunked\r\n' : `Content-Length: ${length}\r\n`
    const head = `${interim}HTTP/1.1 ${status} Said\r\nX-Id: ${id}\r\n${framing}${closes ? 'Connection: close\r\n' : ''}\r\n`
    const whole = `${head}${isBare ? '' : isChunked ? chunked(text, 1 + chance(9000)) : text}`
    const kind = chance(14)
    const isSilent = chance(4) === 0
    const names = ['cut', 'reset', 'ended', 'silent', 'behind', 'switch', 'ended before', 'none']
    this.#count(kind === 3 && !isSilent ? 'whole' : (names[kind] ?? 'whole'))
    switch (kind) {
      case 0:
        socket.end(whole.slice(0, chance(whole.length)), 'latin1')
        return
      case 1:
        socket.write(whole.slice(0, chance(whole.length)), 'latin1', () => socket.resetAndDestroy())
        return
      case 2:
        socket.end(whole, 'latin1')
        return
      case 3:
        if (!isSilent) this.#inPieces(socket, whole, closes)
        return
      case 4:
        // More than one answer, in one piece: the second is nobody's.
        socket.write(`${whole}HTTP/1.1 200 Said\r\nX-Id: nobody\r\nContent-Length: 8\r\n\r\n<nobody>`, 'latin1')
        return
      case 5:
        socket.write(
          `HTTP/1.1 101 Switching\r\nX-Id: ${id}\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n<${id}>`,
          'latin1',
        )
        return
      case 6:
        socket.end()
        return
      case 7:
        socket.resetAndDestroy()
        return
      default:
        this.#inPieces(socket, whole, closes)
    }
  }

  /** In several writes, with and without pauses; what was cut short by the end of its connection stays so. */
  #inPieces(socket: Socket, text: string, closes: boolean): void {
    const chance = this.#chance
    let at = 0
    const next = (): void => {
      if (socket.destroyed) return
      const to =
        chance(3) === 0 ? Math.min(text.length, at + 1 + chance(80)) : Math.min(text.length, at + 1 + chance(200_000))
      socket.write(text.slice(at, to), 'latin1')
      at = to
      if (at === text.length) {
        if (closes && chance(2) === 0) socket.end()
      } else if (chance(4) === 0) setTimeout(next, chance(3))
      else setImmediate(next)
    }
    next()
  }
}

function chunked(text: string, size: number): string {
  let all = ''
  for (let at = 0; at < text.length; at += size) {
    const piece = text.slice(at, at + size)
    all += `${piece.length.toString(16)}\r\n${piece}\r\n`
  }
  return `${all}0\r\n\r\n`
}
