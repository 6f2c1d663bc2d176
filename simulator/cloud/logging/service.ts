import { compileFilter, compileOrder, type Field, type FieldResolver } from '../filter.ts'
import { severityRank, type LogRecord, type Logs } from '../logs.ts'
import { page } from '../paging.ts'
import type { CloudService } from '../request.ts'
import { ApiError, json, readJson, routes } from '../routes.ts'

/**
 * Of Cloud Logging what reads logs back.
 * https://cloud.google.com/logging/docs/reference/v2/rest/v2/entries/list
 */
export function createLoggingService(logs: Logs): CloudService {
  const handle = routes([
    {
      method: 'POST',
      path: '/v2/entries:list',
      query: [],
      handle: (request) => {
        const body = readJson(request)
        checkFields(body)
        const projects = readProjects(body['resourceNames'])
        const matches = compileFilter(textOf(body, 'filter'), recordField)
        const order = compileOrder(textOf(body, 'orderBy') || 'timestamp', recordField)
        const found = logs
          .read()
          .filter((record) => projects.some((project) => record.logName.startsWith(`${project}/`)))
          .filter(matches)
          .toSorted(order)
        const query = new URLSearchParams({
          pageSize: sizeOf(body),
          pageToken: textOf(body, 'pageToken'),
        })
        const { items, nextPageToken } = page(
          found,
          { ...request, query },
          { defaultSize: 50, maxSize: 1000, key: (record) => `${record.timestamp} ${record.insertId}` },
        )
        return json(200, { entries: items, nextPageToken })
      },
    },
  ])
  return { name: 'logging', handle, close: () => Promise.resolve() }
}

const FIELDS = new Set(['resourceNames', 'projectIds', 'filter', 'orderBy', 'pageSize', 'pageToken'])

/** Google's message definitions of this API are in no package that is used here. */
function checkFields(body: Readonly<Record<string, unknown>>): void {
  const unknown = Object.keys(body).find((name) => !FIELDS.has(name))
  if (unknown === undefined) return
  const message = `Invalid JSON payload received. Unknown name "${unknown}": Cannot find field.`
  throw new ApiError(400, message, { violations: [{ description: message }] })
}

function readProjects(names: unknown): readonly string[] {
  if (!Array.isArray(names) || names.length === 0) throw new ApiError(400, 'resourceNames is required')
  return names.map((name) => {
    if (typeof name !== 'string' || !/^projects\/[^/]+$/.test(name)) {
      throw new ApiError(400, 'Invalid resource name: only projects/PROJECT is known here')
    }
    return name
  })
}

function textOf(body: Readonly<Record<string, unknown>>, name: string): string {
  const value = body[name] ?? ''
  if (typeof value !== 'string') throw new ApiError(400, `Invalid value at '${name}'`)
  return value
}

function sizeOf({ pageSize }: Readonly<Record<string, unknown>>): string {
  if (pageSize === undefined) return '0'
  if (typeof pageSize !== 'number') throw new ApiError(400, "Invalid value at 'pageSize'")
  return String(pageSize)
}

/** Any path into an entry can be named; times and severities compare as what they are. */
const recordField: FieldResolver<LogRecord> = (path) => {
  const [first] = path
  if (first === 'timestamp') return { type: 'time', get: (record) => Date.parse(record.timestamp) }
  if (first === 'severity') return severity
  return { type: 'string', get: (record) => lookUp(record, path) }
}

const severity: Field<LogRecord> = {
  type: 'number',
  get: (record) => severityRank(record.severity),
  parse: severityRank,
}

function lookUp(record: LogRecord, path: readonly string[]): string | undefined {
  let value: unknown = record
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Readonly<Record<string, unknown>>)[key]
  }
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}
