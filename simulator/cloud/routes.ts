import { ApiError, apiError } from './errors.ts'
import { checkQuery } from './query.ts'
import type { CloudRequest, CloudResponse } from './request.ts'

export { ApiError, apiError } from './errors.ts'

/** `{name}` and `{name=**}` in a path pattern, as properties of the handler's second argument. */
type PathParams<Path extends string> = { readonly [Name in ParamNames<Path>]: string }

type ParamNames<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? (Name extends `${infer Bare}=**` ? Bare : Name) | ParamNames<Rest>
  : never

/**
 * One method of an API. A pattern is literal text and `{param}`, which takes one path segment; the last may be
 * followed by a custom verb (`/jobs/{job}:run`) or be `{param=**}`, which takes all remaining segments.
 */
export interface Route<Path extends string = string> {
  readonly method: CloudRequest['method']
  readonly path: Path
  /** The query parameters that it takes, in camelCase; others are refused. @default any */
  readonly query?: readonly string[]
  handle(request: CloudRequest, params: PathParams<Path>): CloudResponse | Promise<CloudResponse>
}

/**
 * Answers a request with the first route that fits (routes with a custom verb go first), or null where none
 * does. Params arrive percent-decoded. A handler may throw `ApiError`.
 */
export function routes<const Paths extends readonly string[]>(list: {
  readonly [Index in keyof Paths]: Route<Paths[Index]>
}): (request: CloudRequest) => Promise<CloudResponse | null> {
  const compiled = (list as readonly Route[]).map(compile)
  const ordered = [
    ...compiled.filter((route) => route.verb !== ''),
    ...compiled.filter((route) => route.verb === ''),
  ]
  return async (request) => {
    const segments = request.path.split('/')
    for (const candidate of ordered) {
      if (candidate.route.method !== request.method) continue
      const raw = match(candidate, segments)
      if (raw === null) continue
      try {
        if (candidate.route.query !== undefined) checkQuery(request.query, candidate.route.query)
        return await candidate.route.handle(request, decodeParams(raw))
      } catch (error) {
        if (error instanceof ApiError) return apiError(error.status, error.message, error.detail)
        throw error
      }
    }
    return null
  }
}

/** An answer with a JSON body. */
export function json(status: number, value: unknown): CloudResponse {
  return { status, body: { json: value } }
}

/** The body as a JSON object, `{}` when empty; throws `ApiError` 400 for anything else. */
export function readJson(request: CloudRequest): Readonly<Record<string, unknown>> {
  if (request.body.length === 0) return {}
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(request.body))
  } catch {
    throw new ApiError(400, 'Invalid JSON payload received.', 'parseError')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ApiError(400, 'Invalid JSON payload received. Root element must be a message.', 'parseError')
  }
  return value as Record<string, unknown>
}

/** Refuses a method that a client knows and the service does not have. */
export function unimplemented(): never {
  throw new ApiError(501, 'Operation is not implemented, or supported, or enabled.')
}

interface CompiledRoute {
  readonly route: Route
  readonly segments: readonly Segment[]
  /** With its colon; empty where there is none. */
  readonly verb: string
}

type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'param'; readonly name: string }
  | { readonly kind: 'rest'; readonly name: string }

function compile(route: Route): CompiledRoute {
  const verb = /\}(:[A-Za-z]+)$/.exec(route.path)?.[1] ?? ''
  const pattern = route.path.slice(0, route.path.length - verb.length)
  const segments = pattern.split('/').map((text): Segment => {
    const name = /^\{(\w+)(=\*\*)?\}$/.exec(text)
    if (name === null) return { kind: 'literal', text }
    return { kind: name[2] === undefined ? 'param' : 'rest', name: name[1] ?? '' }
  })
  return { route, segments, verb }
}

function match(route: CompiledRoute, segments: readonly string[]): Readonly<Record<string, string>> | null {
  const params: Record<string, string> = {}
  const last = route.segments.length - 1
  for (const [index, segment] of route.segments.entries()) {
    if (segment.kind === 'rest') {
      const rest = withoutVerb(segments.slice(index).join('/'), route.verb)
      if (rest === null || rest === '') return null
      params[segment.name] = rest
      return params
    }
    const given = index === last ? withoutVerb(segments[index] ?? '', route.verb) : (segments[index] ?? '')
    if (given === null) return null
    if (segment.kind === 'literal') {
      if (given !== segment.text) return null
    } else {
      if (given === '') return null
      params[segment.name] = given
    }
  }
  return segments.length === route.segments.length ? params : null
}

function withoutVerb(text: string, verb: string): string | null {
  if (verb === '') return text
  return text.endsWith(verb) ? text.slice(0, text.length - verb.length) : null
}

function decodeParams(raw: Readonly<Record<string, string>>): Record<string, string> {
  const decoded: Record<string, string> = {}
  for (const [name, text] of Object.entries(raw)) {
    try {
      decoded[name] = decodeURIComponent(text)
    } catch {
      throw new ApiError(400, `Malformed percent-encoding in the path: ${text}`)
    }
  }
  return decoded
}
