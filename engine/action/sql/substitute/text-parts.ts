// What masks of text are made of.

/** Searches text whatever its column's collation is: some allow no search, and others make it slow. */
export const byBytes: string = 'COLLATE pg_catalog."C"'

/** Longer text than this is rare, and has its characters counted once more. */
export const usualLengthMax = 32

/** So many stars from a list: the first at index 1. Before its beginning and behind its end there is NULL. */
export function listed(fewest: number, most: number, index: string): string {
  const stars = Array.from({ length: Math.max(1, most - fewest + 1) }, (_, more) => '*'.repeat(fewest + more))
  return `('{${stars.join()}}'::pg_catalog.text[])[${index}]`
}
