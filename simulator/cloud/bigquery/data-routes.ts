import { z } from 'zod'
import type { Field, ResultRows, TableName } from '../../warehouse/warehouse.ts'
import { json, routes } from '../routes.ts'
import { parseBody } from './body.ts'
import type { BigQueryContext } from './context.ts'
import { withExactIntegers } from './exact-json.ts'
import { InsertIds } from './insert-ids.ts'
import { etagOf } from './job.ts'
import { splitTable } from './names.ts'
import { invalid, notFound } from './problem.ts'
import { readPage, readPageRequest } from './results.ts'

const insertBody = z.strictObject({
  kind: z.unknown().optional(),
  rows: z.array(z.strictObject({ insertId: z.string().nullish(), json: z.record(z.string(), z.unknown()) })),
  skipInvalidRows: z.boolean().nullish(),
  ignoreUnknownValues: z.boolean().nullish(),
  templateSuffix: z.string().nullish(),
  traceId: z.string().nullish(),
})

/** https://cloud.google.com/bigquery/docs/reference/rest/v2/tabledata */
export function dataRoutes({ project, warehouse, clock }: BigQueryContext) {
  const insertIds = new InsertIds(clock)
  return routes([
    {
      method: 'GET',
      path: '/projects/{project}/datasets/{dataset}/tables/{table}/data',
      handle: async ({ query }, params) => {
        const { partition, ...table } = splitTable(params)
        const { schema, rows } = await warehouse.readTable(table, clock.now(), partition)
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
        const table = await target(params, body.templateSuffix ?? '')
        const key = `${table.dataset}.${table.table}`
        const fresh = body.rows.flatMap((row, index) => (insertIds.has(key, row.insertId) ? [] : [index]))
        const skipInvalidRows = body.skipInvalidRows ?? false
        const problems = await warehouse.insertRows(
          table,
          fresh.map((index) => body.rows[index]!.json),
          { ignoreUnknownValues: body.ignoreUnknownValues ?? false, skipInvalidRows, now: clock.now() },
        )
        const refused = new Map(problems.map(({ index, problem }) => [fresh[index]!, problem]))
        // One bad row stops the others, unless the client lets bad rows be skipped.
        const stopped = { reason: 'stopped', message: '' }
        const stops = refused.size > 0 && !skipInvalidRows
        const errors = body.rows.flatMap(({ insertId }, index) => {
          const problem = refused.get(index) ?? (stops ? stopped : undefined)
          if (problem === undefined) {
            insertIds.add(key, insertId)
            return []
          }
          return [{ index, errors: [{ location: '', debugInfo: '', ...problem }] }]
        })
        return json(200, {
          kind: 'bigquery#tableDataInsertAllResponse',
          ...(errors.length === 0 ? {} : { insertErrors: errors }),
        })
      },
    },
  ])

  /**
   * The table that rows go into; with a suffix it is made like the one that is named, where it is not there.
   * https://cloud.google.com/bigquery/docs/streaming-data-into-bigquery#template-tables
   */
  async function target(name: TableName, suffix: string): Promise<TableName> {
    if (suffix === '') return name
    const table = { dataset: name.dataset, table: `${name.table}${suffix}` }
    const now = clock.now()
    if ((await warehouse.getTable(table, now)) !== null) return table
    const template = await warehouse.getTable(name, now)
    if (template === null) throw notFound(`Table ${project}:${name.dataset}.${name.table}`)
    const { numRows: _rows, numBytes: _bytes, numPartitions: _parts, ...metadata } = template
    await warehouse.createTable({ ...metadata, ...table, createdAt: now, modifiedAt: now })
    return table
  }
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
