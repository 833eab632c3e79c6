// The Merkle tree of RFC 6962 2.1, grown leaf by leaf: the root over all leaves is at hand after each.
import { sha256 } from './sha256.ts'

/** The hash of a leaf; its prefix keeps leaves and nodes apart. */
export function leafHash(leaf: Uint8Array): Buffer {
  return sha256(Buffer.concat([Buffer.of(0), leaf]))
}

function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return sha256(Buffer.concat([Buffer.of(1), left, right]))
}

/** A growing tree. Keeps one hash for every power of two in its size. */
export class MerkleTree {
  readonly #peaks: { readonly size: number; readonly hash: Buffer }[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  /** A tree that grows on its own from here. */
  fork(): MerkleTree {
    const other = new MerkleTree()
    other.#size = this.#size
    other.#peaks.push(...this.#peaks)
    return other
  }

  append(leaf: Uint8Array): void {
    this.#size++
    let peak = { size: 1, hash: leafHash(leaf) }
    for (let last = this.#peaks.at(-1); last !== undefined && last.size === peak.size; last = this.#peaks.at(-1)) {
      this.#peaks.pop()
      peak = { size: peak.size * 2, hash: nodeHash(last.hash, peak.hash) }
    }
    this.#peaks.push(peak)
  }

  root(): Buffer {
    let root: Buffer | undefined
    for (const peak of [...this.#peaks].reverse()) root = root === undefined ? peak.hash : nodeHash(peak.hash, root)
    return root ?? sha256(Buffer.alloc(0))
  }
}
