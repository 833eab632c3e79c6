// What the thread that makes frames of much output does. It runs from its text in a thread of its own, so it uses nothing
// but what it is given.
import type { ThreadModules } from './sync-marked.ts'

/** A frame that is to be made. */
export interface BulkJob {
  readonly fd: number
  readonly offset: number
  /** The hash before. */
  readonly previous: Uint8Array
  /** The frame's head, which sealing authenticates too. */
  readonly head: Uint8Array
  /** Undefined where nothing is sealed. */
  readonly seal: { readonly key: Uint8Array; readonly nonce: Uint8Array } | undefined
}

/** A job, with the place of its entries in the memory that both threads share. */
export interface BulkMessage extends BulkJob {
  readonly slot: number
  readonly at: number
  readonly bytes: number
}

/** What came of a job. */
export interface BulkAnswer {
  readonly slot: number
  /** The hash that ends the frame, where it is in the file. */
  readonly hash: Uint8Array | undefined
  readonly code: string | undefined
}

/** What the thread is given. */
interface BulkData {
  readonly memory: Uint8Array
  readonly frameBytesMax: number
}

/** Seals, hashes and writes one frame after the other, as `beginFrame`, `sealInto` and `endFrame` do. */
export function sealBulk({ fs, crypto, threads }: ThreadModules): void {
  const { memory, frameBytesMax } = threads.workerData as BulkData
  const hashBytes = 32
  /** More than the hash before, a head, a nonce, a tag and a hash. */
  const aroundBytes = 256
  const frame = Buffer.allocUnsafeSlow(frameBytesMax + aroundBytes)

  /** Makes the frame behind the hash before it, and tells where it ends. */
  function make({ previous, head, seal, at, bytes }: BulkMessage): number {
    const entries = memory.subarray(at, at + bytes)
    frame.set(previous)
    frame.set(head, hashBytes)
    let end = hashBytes + head.length
    if (seal === undefined) {
      frame.set(entries, end)
      end += bytes
    } else {
      const cipher = crypto.createCipheriv('aes-256-gcm', seal.key, seal.nonce)
      cipher.setAAD(head)
      frame.set(seal.nonce, end)
      end += seal.nonce.length
      frame.set(cipher.update(entries), end)
      end += bytes
      cipher.final()
      const tag = cipher.getAuthTag()
      frame.set(tag, end)
      end += tag.length
    }
    frame.set(crypto.createHash('sha256').update(frame.subarray(0, end)).digest(), end)
    return end + hashBytes
  }

  threads.parentPort?.on('message', (job: BulkMessage) => {
    let answer: BulkAnswer
    try {
      const end = make(job)
      const length = end - hashBytes
      for (let done = 0; done < length; )
        done += fs.writeSync(job.fd, frame, hashBytes + done, length - done, job.offset + done)
      answer = { slot: job.slot, hash: Uint8Array.from(frame.subarray(end - hashBytes, end)), code: undefined }
    } catch (error) {
      answer = { slot: job.slot, hash: undefined, code: String(Reflect.get(Object(error), 'code')) }
    }
    threads.parentPort?.postMessage(answer)
  })
}
