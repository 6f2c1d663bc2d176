import { z } from 'zod'
import type { Field, ResultRows } from '../../warehouse/warehouse.ts'
import { json, routes } from '../routes.ts'
import { parseBody } from './body.ts'
import type { BigQueryContext } from './context.ts'
import { withExactIntegers } from './exact-json.ts'
import { etagOf } from './job.ts'
import { invalid, notFound } from './problem.ts'
import { readPage, readPageRequest } from './results.ts'

const insertBody = z.strictObject({
  kind: z.unknown().optional(),
  rows: z.array(z.strictObject({ insertId: z.string().nullish(), json: z.record(z.string(), z.unknown()) })),
  skipInvalidRows: z.boolean().nullish(),
  ignoreUnknownValues: z.boolean().nullish(),
  traceId: z.string().nullish(),
})

/** https://cloud.google.com/bigquery/docs/reference/rest/v2/tabledata */
export function dataRoutes({ project, warehouse, clock }: BigQueryContext) {
  return routes([
    {
      method: 'GET',
      path: '/projects/{project}/datasets/{dataset}/tables/{table}/data',
      handle: async ({ query }, params) => {
        const { schema, rows } = await warehouse.readTable(params, clock.now())
        try {
          const selected = select(schema, rows, query.get('selectedFields'))
          const page = readPageRequest(query)
          const { rows: wire, pageToken } = await readPage(selected.rows, selected.schema, page)
          return json(200, {
            kind: 'bigquery#tableDataList',
            etag: etagOf([params, page, rows.count]),
            totalRows: String(rows.count),
            ...(wire.length === 0 ? {} : { rows: wire }),
            ...(pageToken === undefined ? {} : { pageToken }),
          })
        } finally {
          await rows.close()
        }
      },
    },
    {
      method: 'POST',
      path: '/projects/{project}/datasets/{dataset}/tables/{table}/insertAll',
      handle: async (request, params) => {
        const body = parseBody(insertBody, withExactIntegers(request))
        if (body.rows.length === 0) throw invalid('No rows present in the request.')
        const table = await warehouse.getTable(params, clock.now())
        if (table === null) throw notFound(`Table ${project}:${params.dataset}.${params.table}`)
        const skipInvalidRows = body.skipInvalidRows ?? false
        const problems = await warehouse.insertRows(
          params,
          body.rows.map((row) => row.json),
          { ignoreUnknownValues: body.ignoreUnknownValues ?? false, skipInvalidRows, now: clock.now() },
        )
        const refused = new Map(problems.map(({ index, problem }) => [index, problem]))
        // One bad row stops the others, unless the client lets bad rows be skipped.
        const stopped = { reason: 'stopped', message: '' }
        const errors = body.rows.flatMap((_, index) => {
          const problem = refused.get(index) ?? (refused.size > 0 && !skipInvalidRows ? stopped : undefined)
          if (problem === undefined) return []
          return [{ index, errors: [{ location: '', debugInfo: '', ...problem }] }]
        })
        return json(200, {
          kind: 'bigquery#tableDataInsertAllResponse',
          ...(errors.length === 0 ? {} : { insertErrors: errors }),
        })
      },
    },
  ])
}

/** `selectedFields`: top-level columns by name. */
function select(
  schema: readonly Field[],
  rows: ResultRows,
  selectedFields: string | null,
): { readonly schema: readonly Field[]; readonly rows: ResultRows } {
  if (selectedFields === null || selectedFields === '') return { schema, rows }
  const names = new Set(selectedFields.toLowerCase().split(','))
  const kept = schema.flatMap((field, index) => (names.delete(field.name.toLowerCase()) ? [index] : []))
  if (names.size > 0) throw invalid(`Unrecognized field(s): ${[...names].join(', ')}`, 'selectedFields')
  return {
    schema: kept.map((index) => schema[index]!),
    rows: {
      count: rows.count,
      close: () => rows.close(),
      read: async (start, max) =>
        (await rows.read(start, max)).map((row) => kept.map((index) => row[index] ?? null)),
    },
  }
}
