// The body of an answer, as far as one may be: an answer says its length or not, and can be packed, so what comes is counted.

/** Reads a whole body. Rejects, and reads no further, where it has more bytes than `bytesMax`. */
export async function boundedBody(response: Response, bytesMax: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > bytesMax) throw new Error(`the answer has more than ${bytesMax} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
