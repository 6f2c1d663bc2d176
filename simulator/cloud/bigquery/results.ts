import type { Field, ResultRows } from '../../warehouse/warehouse.ts'
import { ApiError } from '../routes.ts'
import { readFlag } from '../storage/preconditions.ts'
import { toWireRow, type TimestampFormat, type WireRow } from './cells.ts'
import { invalid } from './problem.ts'

/** Which part of a result a client asks for, and how. */
export interface PageRequest {
  readonly start: number
  /** Rows at most; without it a page is bounded by its size alone. */
  readonly max?: number
  readonly timestamps: TimestampFormat
}

export interface Page {
  readonly rows: readonly WireRow[]
  readonly pageToken?: string
}

/** A page ends when its JSON is about this long, as on the service. */
const pageBytes = 10 * 1024 * 1024
const blockRows = 5000

/** https://cloud.google.com/bigquery/docs/paging-results */
export async function readPage(
  rows: ResultRows,
  schema: readonly Field[],
  request: PageRequest,
): Promise<Page> {
  const end = request.max === undefined ? rows.count : Math.min(rows.count, request.start + request.max)
  const page: WireRow[] = []
  let next = request.start
  for (let bytes = 0; next < end && bytes < pageBytes;) {
    const block = await rows.read(next, Math.min(blockRows, end - next))
    if (block.length === 0) break
    for (const row of block) page.push(toWireRow(row, schema, request.timestamps))
    next += block.length
    bytes += JSON.stringify(page.slice(-1)).length * block.length
  }
  const more = next < rows.count && request.max !== 0
  return { rows: page, ...(more ? { pageToken: Buffer.from(`row:${next}`).toString('base64url') } : {}) }
}

/** Reads `maxResults`, `startIndex`, `pageToken` and `formatOptions.*` of a query string. */
export function readPageRequest(query: URLSearchParams): PageRequest {
  const max = readCount(query, 'maxResults')
  const token = query.get('pageToken') ?? ''
  return {
    start: token === '' ? (readCount(query, 'startIndex') ?? 0) : readToken(token),
    ...(max === undefined ? {} : { max }),
    timestamps: readTimestampFormat({
      useInt64Timestamp: readFlag(query, 'formatOptions.useInt64Timestamp'),
      timestampOutputFormat: query.get('formatOptions.timestampOutputFormat') ?? undefined,
    }),
  }
}

export function readTimestampFormat(options: {
  readonly useInt64Timestamp?: boolean | null | undefined
  readonly timestampOutputFormat?: string | null | undefined
}): TimestampFormat {
  switch (options.timestampOutputFormat ?? 'TIMESTAMP_OUTPUT_FORMAT_UNSPECIFIED') {
    case 'INT64':
      return 'INT64'
    case 'FLOAT64':
      return 'FLOAT64'
    case 'ISO8601_STRING':
      return 'ISO8601_STRING'
    case 'TIMESTAMP_OUTPUT_FORMAT_UNSPECIFIED':
      return options.useInt64Timestamp === true ? 'INT64' : 'FLOAT64'
    default:
      throw invalid(`Invalid value for formatOptions.timestampOutputFormat: ${options.timestampOutputFormat}`)
  }
}

/** A count in a query string. */
export function readCount(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null || text === '') return undefined
  if (!/^\d{1,15}$/.test(text)) throw invalid(`Invalid value for ${name}: ${text}`, name)
  return Number(text)
}

function readToken(token: string): number {
  const match = /^row:(\d+)$/.exec(Buffer.from(token, 'base64url').toString())
  if (match === null) throw new ApiError(400, `Invalid page token: ${token}`, 'invalid')
  return Number(match[1])
}
