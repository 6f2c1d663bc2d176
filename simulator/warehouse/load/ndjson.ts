import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import { WarehouseError, type WarehouseProblem } from '../warehouse.ts'
import { RowProblem, toRow } from './convert.ts'
import { parseJson } from './json-value.ts'
import type { Stager } from './load.ts'
import { Stage } from './stage.ts'

/** One JSON object a line. https://cloud.google.com/bigquery/docs/loading-data-cloud-storage-json */
export const stageJson: Stager = async (connection, request, schema) => {
  const stage = await Stage.create(connection, schema)
  const errors: WarehouseProblem[] = []
  let bad = 0
  let rows = 0
  for (const file of request.files) {
    const raw = createReadStream(file.path)
    const input = file.gzip ? raw.pipe(createGunzip()) : raw
    raw.on('error', (error) => input.destroy(error))
    let position = 0
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      if (request.signal?.aborted)
        throw new WarehouseError({ reason: 'stopped', message: 'Job execution was cancelled' })
      const start = position
      position += Buffer.byteLength(line) + 1
      if (line.trim() === '') continue
      rows++
      try {
        stage.add(
          toRow(
            parseJson(start === 0 ? line.replace(/^\uFEFF/, '') : line),
            schema,
            request.ignoreUnknownValues === true,
          ),
        )
      } catch (error) {
        if (!(error instanceof RowProblem) && !(error instanceof SyntaxError)) throw error
        bad++
        const detail =
          error instanceof RowProblem
            ? error.message
            : `Parser terminated before end of string: ${error.message}`
        if (errors.length < 5)
          errors.push({
            reason: 'invalid',
            location: file.name,
            message: `Error while reading data, error message: JSON parsing error in row starting at position ${start}: ${detail} File: ${file.name}`,
          })
      }
    }
  }
  stage.close()
  if (bad > (request.maxBadRecords ?? 0))
    throw tooManyErrors('JSON processing', rows, bad, request.maxBadRecords ?? 0, errors)
  return { from: stage.table, badRecords: bad, errors }
}

/** BigQuery's first message names the counts, those after it the rows. */
export function tooManyErrors(
  what: string,
  rows: number,
  bad: number,
  allowed: number,
  errors: readonly WarehouseProblem[],
): WarehouseError {
  const percent = rows === 0 ? 0 : bad / rows
  const first = errors[0]?.message.replace(/^Error while reading data, error message: /, '') ?? ''
  return new WarehouseError({
    reason: 'invalid',
    ...(errors[0]?.location === undefined ? {} : { location: errors[0].location }),
    message:
      `Error while reading data, error message: ${what} encountered too many errors, giving up. Rows: ${rows}; errors: ${bad}; max bad: ${allowed}; error percent: ${percent.toFixed(percent === 0 ? 0 : 2)}. ${first}`.trim(),
  })
}
