import { INGESTION_COLUMN } from '../analyze/table.ts'
import { type Database, execute } from '../engine/database.ts'
import { invalidRequest, requireTable } from '../resources/missing.ts'
import { ingests } from '../script/layout.ts'
import { quoteName } from '../types/duck.ts'
import type { CopyRequest } from '../warehouse.ts'
import { prepareDestination } from './destination.ts'

/** A copy job: all sources into one table, in one transaction. */
export async function copyTables(
  database: Database,
  project: string,
  request: CopyRequest,
): Promise<{ readonly rows: number }> {
  return database.write(async (connection, changes) => {
    const sources = request.sources.map((name) => requireTable(database, project, name))
    const [first] = sources
    if (!first) throw invalidRequest('A copy job needs a source table')
    if (sources.some((source) => source.kind === 'VIEW')) throw invalidRequest('Views cannot be copied')
    const table = await prepareDestination(connection, changes, database, {
      project,
      name: request.destination,
      schema: first.schema,
      writeDisposition: request.writeDisposition,
      createDisposition: request.createDisposition,
      ...(first.partitioning ? { partitioning: first.partitioning } : {}),
      ...(first.clustering ? { clustering: first.clustering } : {}),
      now: request.now,
    })
    let rows = 0
    for (const source of sources) {
      const names = source.schema.map((field) => quoteName(field.name))
      if (ingests(source) && ingests(table)) names.push(quoteName(INGESTION_COLUMN))
      const result = await execute(
        connection,
        `INSERT INTO ${table.physical} (${names.join(', ')}) SELECT ${names.join(', ')} FROM ${source.physical}`,
      )
      rows += result.rowsChanged
    }
    return { rows }
  }, request.jobKey)
}
