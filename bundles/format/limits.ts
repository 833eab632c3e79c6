// The bounds within which a bundle is read. Each stops one way of exhausting the reader.

/** Limits of reading one bundle; configuration may only lower them. */
export interface BundleLimits {
  /** Bytes of the archive as it comes over the wire. */
  readonly archiveBytesMax: number
  /** Bytes of all files together once unpacked. */
  readonly unpackedBytesMax: number
  /** Bytes of one file. */
  readonly fileBytesMax: number
  /** Files, folders and headers in the archive. */
  readonly entriesMax: number
  /** Bytes of one path. */
  readonly pathBytesMax: number
  /** Segments of one path. */
  readonly pathDepthMax: number
  /** Unpacked bytes for each packed byte, looked at after the first mebibyte: a decompression bomb exceeds it at once. */
  readonly ratioMax: number
}

/** The limits in force unless lowered. */
export const bundleLimits: BundleLimits = {
  archiveBytesMax: 128 * 1024 * 1024,
  unpackedBytesMax: 512 * 1024 * 1024,
  fileBytesMax: 256 * 1024 * 1024,
  entriesMax: 20_000,
  pathBytesMax: 512,
  pathDepthMax: 32,
  ratioMax: 200,
}
