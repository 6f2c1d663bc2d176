import { ApiError } from '../errors.ts'

/** The two parts of a `multipart/related` upload: a JSON resource and the content. */
export interface RelatedParts {
  readonly resource: Readonly<Record<string, unknown>>
  readonly contentType: string | undefined
  readonly content: Uint8Array
}

/** https://cloud.google.com/storage/docs/uploading-objects#upload-object-json (multipart uploads) */
export function parseRelated(contentType: string | undefined, body: Uint8Array): RelatedParts {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const [resource, content] = splitParts(bytes, readBoundary(contentType))
  if (resource === undefined || content === undefined) throw malformed('two parts are expected')
  return {
    resource: parseResource(resource.content.toString('utf8')),
    contentType: content.headers['content-type'],
    content: content.content,
  }
}

/** The boundary that a multipart content type names; throws 400 where it names none. */
export function readBoundary(contentType: string | undefined): string {
  const boundary = /boundary=(?:"([^"]+)"|'([^']+)'|([^;\s]+))/i.exec(contentType ?? '')
  const text = boundary?.[1] ?? boundary?.[2] ?? boundary?.[3]
  if (text === undefined) throw malformed('no boundary in the content type')
  return text
}

export interface Part {
  readonly headers: Readonly<Record<string, string>>
  readonly content: Buffer
}

/** The parts between the boundaries of a multipart body. Throws 400. */
export function splitParts(bytes: Buffer, boundary: string): readonly Part[] {
  const parts: Part[] = []
  const delimiter = Buffer.from(`--${boundary}`)
  let start = bytes.indexOf(delimiter)
  while (start !== -1) {
    const lineEnd = bytes.indexOf('\n', start)
    const after = bytes.toString('latin1', start + delimiter.length, start + delimiter.length + 2)
    if (after === '--' || lineEnd === -1) break
    const next = nextDelimiter(bytes, delimiter, lineEnd)
    if (next === -1) throw malformed('the last boundary is missing')
    const contentEnd = bytes[next - 2] === 13 ? next - 2 : next - 1
    parts.push(parsePart(bytes.subarray(lineEnd + 1, contentEnd)))
    start = next
  }
  return parts
}

/** A boundary counts only at the start of a line; content may contain the same text elsewhere. */
function nextDelimiter(bytes: Buffer, delimiter: Buffer, from: number): number {
  const found = bytes.indexOf(Buffer.concat([Buffer.from('\n'), delimiter]), from)
  return found === -1 ? -1 : found + 1
}

function parsePart(part: Buffer): Part {
  const blank = part[0] === 10 ? 1 : part[0] === 13 && part[1] === 10 ? 2 : 0
  if (blank > 0) return { headers: {}, content: part.subarray(blank) }
  const crlf = part.indexOf('\r\n\r\n')
  const lf = part.indexOf('\n\n')
  const bare = lf !== -1 && (crlf === -1 || lf < crlf)
  const end = bare ? lf : crlf
  if (end === -1) throw malformed('a part has no headers')
  const headers: Record<string, string> = {}
  for (const line of part.toString('latin1', 0, end).split(/\r?\n/)) {
    const colon = line.indexOf(':')
    if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim()
  }
  return { headers, content: part.subarray(end + (bare ? 2 : 4)) }
}

function parseResource(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = text.trim() === '' ? {} : JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>
  } catch {
    // Refused below.
  }
  throw malformed('the first part must be a JSON object')
}

function malformed(why: string): ApiError {
  return new ApiError(400, `Malformed multipart body: ${why}.`, 'badRequest')
}
