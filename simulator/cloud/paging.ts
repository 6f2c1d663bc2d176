import { ApiError } from './errors.ts'
import type { CloudRequest } from './request.ts'

export interface Page<T> {
  readonly items: readonly T[]
  /** Absent on the last page. */
  readonly nextPageToken?: string
}

/**
 * Cuts one page out of a sorted list. The token names the last item that was given out, so that items which
 * appear before it between two requests do not shift the pages.
 */
export function page<T>(
  items: readonly T[],
  request: CloudRequest,
  options: { readonly defaultSize: number; readonly maxSize: number; readonly key: (item: T) => string },
): Page<T> {
  const asked = integerParam(request, 'pageSize')
  if (asked < 0) throw new ApiError(400, 'pageSize must not be negative')
  const size = asked === 0 ? options.defaultSize : Math.min(asked, options.maxSize)
  const token = request.query.get('pageToken') ?? request.query.get('page_token') ?? ''
  const start = token === '' ? integerParam(request, 'skip') : after(items, token, options.key)
  const cut = items.slice(start, start + size)
  const last = cut.at(-1)
  if (last === undefined || start + size >= items.length) return { items: cut }
  return { items: cut, nextPageToken: Buffer.from(options.key(last)).toString('base64url') }
}

/** An integer query parameter in camelCase or snake_case; 0 where it is absent. */
function integerParam(request: CloudRequest, name: string): number {
  const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  const text = request.query.get(name) ?? request.query.get(snake) ?? ''
  if (text === '') return 0
  if (!/^-?\d{1,9}$/.test(text)) throw new ApiError(400, `Invalid value for ${name}: ${text}`)
  return Number(text)
}

function after<T>(items: readonly T[], token: string, key: (item: T) => string): number {
  const wanted = Buffer.from(token, 'base64url').toString()
  const index = items.findIndex((item) => key(item) === wanted)
  if (index === -1) throw new ApiError(400, 'The page token is invalid.')
  return index + 1
}
