import { fieldError } from './errors.ts'
import { integerParam, queryParam } from './query.ts'
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
  if (asked < 0) throw fieldError('page_size', 'The page size must not be negative.')
  const size = asked === 0 ? options.defaultSize : Math.min(asked, options.maxSize)
  const token = queryParam(request, 'pageToken')
  const skip = integerParam(request, 'skip')
  if (skip < 0) throw fieldError('skip', 'The number of items to skip must not be negative.')
  const start = token === '' ? skip : after(items, token, options.key)
  const cut = items.slice(start, start + size)
  const last = cut.at(-1)
  if (last === undefined || start + size >= items.length) return { items: cut }
  return { items: cut, nextPageToken: Buffer.from(options.key(last)).toString('base64url') }
}

function after<T>(items: readonly T[], token: string, key: (item: T) => string): number {
  const wanted = Buffer.from(token, 'base64url').toString()
  const index = items.findIndex((item) => key(item) === wanted)
  if (index === -1) throw fieldError('page_token', 'The page token is invalid.')
  return index + 1
}
