// Where recordings are kept, by names such as `sessions/ID/000000.segment`: one interface for a folder and for a store
// of objects.

/** One object of a store. */
export interface StoredObject {
  readonly name: string
  readonly bytes: number
}

/** A place for recordings. Every method rejects with RecordingError. */
export interface RecordingStore {
  /** Keeps bytes under a name, whole: until it resolves, what stood there before counts. */
  put(name: string, bytes: Uint8Array): Promise<void>
  /** Keeps a file that does not change any more. One that was begun goes on where it was; it is checked at the end. */
  putFile(name: string, path: string): Promise<void>
  /** All objects whose names begin so, by name. */
  list(prefix: string): Promise<readonly StoredObject[]>
  /** The bytes of an object; undefined where there is none. */
  get(name: string): Promise<Buffer | undefined>
  /** Takes an object away; one that is not there is none the worse. */
  remove(name: string): Promise<void>
}

/** Bytes of one object at the most. */
export const objectBytesMax: number = 2 ** 30
