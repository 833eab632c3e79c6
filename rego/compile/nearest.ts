// The name that somebody may have meant by a wrong one.

/** The known name within two edits of a wrong one. */
export function nearest(wrong: string, known: readonly string[]): string | undefined {
  let best: string | undefined
  let least = 3
  for (const name of known) {
    const distance = edits(wrong, name)
    if (distance < least) {
      least = distance
      best = name
    }
  }
  return best
}

function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next.push(
        Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)),
      )
    }
    row = next
  }
  return row[b.length] ?? 0
}
