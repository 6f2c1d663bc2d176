import { ApiError } from '../errors.ts'
import { compare, type Catalog, type ObjectView } from './catalog.ts'
import { compileGlob } from './glob.ts'
import type { ObjectVersion } from './model.ts'
import { readFlag, readInteger } from './preconditions.ts'

/** One page of a listing. */
export interface ObjectPage {
  readonly items: readonly ObjectVersion[]
  readonly prefixes: readonly string[]
  readonly nextPageToken?: string
}

interface ListQuery {
  readonly prefix: string
  readonly delimiter: string
  readonly startOffset: string
  readonly endOffset: string
  readonly versions: boolean
  readonly softDeleted: boolean
  readonly includeTrailingDelimiter: boolean
  readonly glob: RegExp | null
  readonly maxResults: number
  readonly after: Cursor | null
}

/** The last entry of the page before: an object version or a prefix. */
interface Cursor {
  readonly name: string
  readonly generation: number
}

/** https://cloud.google.com/storage/docs/json_api/v1/objects/list */
export function listObjects(catalog: Catalog, bucket: string, query: URLSearchParams): ObjectPage {
  const list = readListQuery(query)
  const view: ObjectView = list.softDeleted ? catalog.softDeleted(bucket) : catalog
  const names = view.names(bucket)
  const items: ObjectVersion[] = []
  const prefixes: string[] = []
  let last: Cursor | null = null
  for (let index = firstIndex(names, list); index < names.length; index += 1) {
    const name = names[index]!
    if (!name.startsWith(list.prefix)) break
    if (list.endOffset !== '' && compare(name, list.endOffset) >= 0) break
    const prefix = commonPrefix(name, list)
    if (prefix !== null) {
      const known = prefixes.at(-1) === prefix || list.after?.name === prefix
      const own = list.includeTrailingDelimiter && name === prefix && list.after?.name !== prefix
      const versions = own ? visible(view, bucket, name, list) : []
      if (!known && shown(view, bucket, name, list)) {
        if (items.length + prefixes.length >= list.maxResults) return page(items, prefixes, last)
        prefixes.push(prefix)
        last = { name: prefix, generation: 0 }
      }
      items.push(...versions)
      continue
    }
    if (list.glob !== null && !list.glob.test(name)) continue
    for (const version of visible(view, bucket, name, list)) {
      if (items.length + prefixes.length >= list.maxResults) return page(items, prefixes, last)
      items.push(version)
      last = { name, generation: version.generation }
    }
  }
  return { items, prefixes }
}

function readListQuery(query: URLSearchParams): ListQuery {
  const maxResults = readInteger(query, 'maxResults') ?? 1000
  if (maxResults < 0) throw new ApiError(400, `Invalid value for maxResults: ${maxResults}`, 'invalid')
  const glob = query.get('matchGlob') ?? ''
  return {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    startOffset: query.get('startOffset') ?? '',
    endOffset: query.get('endOffset') ?? '',
    versions: readFlag(query, 'versions') || readFlag(query, 'softDeleted'),
    softDeleted: readFlag(query, 'softDeleted'),
    includeTrailingDelimiter: readFlag(query, 'includeTrailingDelimiter'),
    glob: glob === '' ? null : compileGlob(glob),
    // The service caps a page at 1,000 entries; 0 asks for its default.
    maxResults: maxResults === 0 ? 1000 : Math.min(maxResults, 1000),
    after: readCursor(query.get('pageToken') ?? ''),
  }
}

/** The first index that can be on this page, by halving: a bucket may hold very many names. */
function firstIndex(names: readonly string[], list: ListQuery): number {
  const starts = [list.prefix, list.startOffset, list.after?.name ?? '']
  const start = starts.reduce((a, b) => (compare(a, b) < 0 ? b : a))
  let low = 0
  let high = names.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compare(names[middle]!, start) < 0) low = middle + 1
    else high = middle
  }
  return low
}

function commonPrefix(name: string, list: ListQuery): string | null {
  if (list.delimiter === '') return null
  const at = name.indexOf(list.delimiter, list.prefix.length)
  return at === -1 ? null : name.slice(0, at + list.delimiter.length)
}

function shown(view: ObjectView, bucket: string, name: string, list: ListQuery): boolean {
  if (list.glob !== null && !list.glob.test(name)) return false
  return list.versions || view.find(bucket, name) !== undefined
}

function visible(view: ObjectView, bucket: string, name: string, list: ListQuery): readonly ObjectVersion[] {
  const after = list.after?.name === name ? list.after.generation : 0
  if (list.versions) return view.versions(bucket, name).filter((version) => version.generation > after)
  const live = view.find(bucket, name)
  return live === undefined || after > 0 ? [] : [live]
}

function page(items: readonly ObjectVersion[], prefixes: readonly string[], last: Cursor | null): ObjectPage {
  if (last === null) return { items, prefixes }
  return { items, prefixes, nextPageToken: Buffer.from(JSON.stringify(last)).toString('base64url') }
}

function readCursor(token: string): Cursor | null {
  if (token === '') return null
  try {
    const { name, generation } = JSON.parse(Buffer.from(token, 'base64url').toString()) as Cursor
    if (typeof name === 'string' && typeof generation === 'number') return { name, generation }
  } catch {
    // Refused below.
  }
  throw new ApiError(400, 'Invalid page token.', { reason: 'invalid', location: 'pageToken' })
}
