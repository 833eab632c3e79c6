// Clients that have not proved who they are: how many there may be, and how many are served at a time, so that a flood of
// them takes neither the place of clients that would prove it nor the time of those that have.
import type { Socket } from 'node:net'

/** What is let through the door. */
export interface DoorwayLimits {
  /** Clients that have not proved who they are; past this one of them, any one, has to go. */
  readonly strangersMax: number
  /** Key exchanges at a time: between two of them everybody else is served. */
  readonly servedMax: number
  /** Time after which one that takes its time no longer counts as being served. */
  readonly servedMs: number
}

const doorwayLimits: DoorwayLimits = { strangersMax: 256, servedMax: 4, servedMs: 250 }

interface Stranger {
  readonly socket: Socket
  readonly begin: () => void
  at: 'waiting' | 'served' | 'slow'
  timer?: NodeJS.Timeout
}

/** The door of one listener. */
export class Doorway {
  readonly #limits: DoorwayLimits
  readonly #random: () => number
  readonly #strangers = new Map<Socket, Stranger>()
  #waiting: Stranger[] = []
  #served = 0

  constructor(limits: DoorwayLimits = doorwayLimits, random: () => number = Math.random) {
    this.#limits = limits
    this.#random = random
  }

  /** Takes a client that has connected; `begin` is called when its turn has come. */
  admit(socket: Socket, begin: () => void): void {
    const stranger: Stranger = { socket, begin, at: 'waiting' }
    this.#strangers.set(socket, stranger)
    socket.once('close', () => this.known(socket))
    this.#waiting.push(stranger)
    // As OpenSSH's MaxStartups: whoever sends most of them loses most of them.
    if (this.#strangers.size > this.#limits.strangersMax) this.#dropOne()
    this.#serve()
  }

  /** A client has proved who it is, or is gone. */
  known(socket: Socket): void {
    const stranger = this.#strangers.get(socket)
    if (stranger === undefined) return
    this.#strangers.delete(socket)
    if (stranger.at === 'waiting') this.#waiting = this.#waiting.filter((one) => one !== stranger)
    this.#leave(stranger)
  }

  #serve(): void {
    while (this.#served < this.#limits.servedMax) {
      const stranger = this.#waiting.shift()
      if (stranger === undefined) return
      stranger.at = 'served'
      this.#served++
      stranger.timer = setTimeout(() => this.#leave(stranger), this.#limits.servedMs)
      stranger.begin()
    }
  }

  #leave(stranger: Stranger): void {
    clearTimeout(stranger.timer)
    if (stranger.at !== 'served') return
    stranger.at = 'slow'
    this.#served--
    this.#serve()
  }

  #dropOne(): void {
    const index = Math.floor(this.#random() * this.#strangers.size)
    const socket = [...this.#strangers.keys()][index]
    if (socket === undefined) return
    this.known(socket)
    socket.destroy()
  }
}
