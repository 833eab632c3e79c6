// Memory that clients have the gateway keep for them: bodies that are not whole yet, answers that they do not read. Each
// connection may have some of it, however many requests it has at once, whoever is answerable for connections may have a
// part of it, however many those are, and all together have a bound.

/** How much may be kept. */
export interface RoomLimits {
  /** Bytes for one connection. */
  readonly eachMax: number
  /** Bytes for all of them. */
  readonly allMax: number
}

/** What connections share. */
export class SharedRoom {
  readonly #limits: RoomLimits
  readonly #rooms = new WeakMap<object, Room>()
  readonly #occupied = new Set<Room>()
  /** What is kept of each client's that is known, over all its connections. */
  readonly #clients = new Map<string, number>()
  #bytes = 0

  constructor(limits: RoomLimits) {
    this.#limits = limits
  }

  /** The part of a connection; `end` ends it. */
  of(connection: object, end: () => void): Room {
    const known = this.#rooms.get(connection)
    if (known !== undefined) return known
    const made = new Room(this.#limits, end, {
      changed: (room, bytes) => this.#changed(room, bytes),
      left: () => this.#limits.allMax - this.#bytes,
    })
    this.#rooms.set(connection, made)
    return made
  }

  /**
   * Whether a client may have more bytes kept: it leaves at least as many as it has itself then. So a single one takes half
   * at most, several alike, and however many there are already, something is left for whoever comes.
   */
  mayHave(client: string, bytes: number): boolean {
    const has = (this.#clients.get(client) ?? 0) + bytes
    return has <= this.#limits.allMax - this.#bytes - bytes
  }

  /** Counts what a client has; negative where it is given back. */
  counts(client: string, bytes: number): void {
    const has = (this.#clients.get(client) ?? 0) + bytes
    if (has > 0) this.#clients.set(client, has)
    else this.#clients.delete(client)
  }

  #changed(room: Room, bytes: number): void {
    this.#bytes += bytes
    if (room.bytes > 0) this.#occupied.add(room)
    else this.#occupied.delete(room)
    if (bytes > 0 && this.#bytes > this.#limits.allMax) this.#fullest()?.end()
  }

  #fullest(): Room | undefined {
    let fullest: Room | undefined
    for (const room of this.#occupied) if (room.bytes > (fullest?.bytes ?? 0)) fullest = room
    return fullest
  }
}

/** What a room tells of itself, and asks. */
interface Sharing {
  readonly changed: (room: Room, bytes: number) => void
  readonly left: () => number
}

/** The part of one connection. */
export class Room {
  readonly #limits: RoomLimits
  readonly #end: () => void
  readonly #sharing: Sharing
  #bytes = 0
  #isEnded = false

  constructor(limits: RoomLimits, end: () => void, sharing: Sharing) {
    this.#limits = limits
    this.#end = end
    this.#sharing = sharing
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Nothing more should be kept for this connection. */
  get isFull(): boolean {
    return this.#isEnded || this.#bytes >= this.#limits.eachMax
  }

  /** Keeps bytes where there is room for them; false where there is none. */
  take(bytes: number): boolean {
    if (this.#isEnded || this.#bytes + bytes > this.#limits.eachMax || bytes > this.#sharing.left()) return false
    this.add(bytes)
    return true
  }

  /** Counts bytes that are kept already. Past the bound of all, the connection that has most of them is ended. */
  add(bytes: number): void {
    if (this.#isEnded || bytes === 0) return
    this.#bytes += bytes
    this.#sharing.changed(this, bytes)
  }

  /** Ends the connection; what it has is as good as gone. */
  end(): void {
    if (this.#isEnded) return
    const bytes = this.#bytes
    this.#bytes = 0
    this.#sharing.changed(this, -bytes)
    this.#isEnded = true
    this.#end()
  }
}

/** Bytes that everybody may have kept, so that who takes all the room keeps nobody from short requests. */
const freeBytes: number = 16 * 1024

/** What is kept of one request, or of its answer. */
export class Kept {
  readonly #room: Room
  #bytes = 0
  #owner: { readonly all: SharedRoom; readonly client: string } | undefined

  constructor(room: Room) {
    this.#room = room
  }

  /** Says who is answerable for it, before anything is kept. */
  isOf(all: SharedRoom, client: string): void {
    this.#owner ??= { all, client }
  }

  get isFull(): boolean {
    return this.#room.isFull
  }

  /** Whether so many bytes in all may be kept; they are counted then. */
  holds(bytes: number): boolean {
    if (bytes <= freeBytes) return true
    const more = Math.max(0, bytes - this.#bytes)
    const owner = this.#owner
    if (owner !== undefined && more > 0 && !owner.all.mayHave(owner.client, more)) return false
    if (!this.#room.take(more)) return false
    owner?.all.counts(owner.client, more)
    this.#bytes += more
    return true
  }

  /** Counts that so many bytes in all are kept. */
  counts(bytes: number): void {
    this.#room.add(bytes - this.#bytes)
    this.#owner?.all.counts(this.#owner.client, bytes - this.#bytes)
    this.#bytes = bytes
  }
}
