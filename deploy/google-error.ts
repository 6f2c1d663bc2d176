/** An error of Google's clients in one form, whichever transport brought it. */
export interface GoogleFailure {
  /** HTTP status; 0 where the server was not reached. */
  readonly status: number
  readonly message: string
}

/** gRPC codes that operations carry, as HTTP statuses. https://cloud.google.com/apis/design/errors */
const httpStatus: Readonly<Record<number, number>> = {
  3: 400,
  5: 404,
  6: 409,
  7: 403,
  8: 429,
  9: 400,
  10: 409,
  13: 500,
  14: 503,
  16: 401,
}

/**
 * Reads what a client threw. Over REST the generated clients throw with the HTTP status as `code` and the raw JSON
 * body as message; a failed operation carries the gRPC code; Storage and BigQuery put a list in `errors`.
 */
export function googleFailure(error: unknown): GoogleFailure {
  if (!(error instanceof Error)) return { status: 0, message: String(error) }
  const code: unknown = 'code' in error ? error.code : undefined
  const number = typeof code === 'number' ? code : Number(code)
  const status = Number.isInteger(number) ? (number < 20 ? (httpStatus[number] ?? 0) : number) : 0
  return { status, message: textOf(error) }
}

/** True when the resource does not exist. */
export function isNotFound(error: unknown): boolean {
  return googleFailure(error).status === 404
}

function textOf(error: Error): string {
  const body = parseBody(error.message)
  if (body !== undefined) return body
  if ('errors' in error && Array.isArray(error.errors)) {
    const messages = error.errors.map((item: unknown) =>
      typeof item === 'object' && item !== null && 'message' in item ? String(item.message) : '',
    )
    const distinct = [...new Set(messages.filter((message) => message !== ''))]
    if (distinct.length > 0) return distinct.join('; ')
  }
  return error.message
}

function parseBody(message: string): string | undefined {
  try {
    const body: unknown = JSON.parse(message)
    const first: unknown = Array.isArray(body) ? body[0] : body
    if (typeof first !== 'object' || first === null || !('error' in first)) return undefined
    const inner = first.error
    return typeof inner === 'object' && inner !== null && 'message' in inner
      ? String(inner.message)
      : undefined
  } catch {
    return undefined
  }
}
