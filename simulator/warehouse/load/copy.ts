import { INGESTION_COLUMN } from '../analyze/table.ts'
import { type Database, execute } from '../engine/database.ts'
import { decorated, dropExpiredTables, expire } from '../engine/partitions.ts'
import { invalidRequest, requireTable } from '../resources/missing.ts'
import { ingests } from '../script/layout.ts'
import { quoteName } from '../types/duck.ts'
import type { CopyRequest } from '../warehouse.ts'
import { prepareDestination } from './destination.ts'

/** A copy job: all sources, tables or partitions, into one table or partition, in one transaction. */
export async function copyTables(
  database: Database,
  project: string,
  request: CopyRequest,
): Promise<{ readonly rows: number }> {
  await dropExpiredTables(database, request.now)
  await expire(database, request.now, request.sources)
  return database.write(async (connection, changes) => {
    const sources = request.sources.map((name) => ({
      entry: requireTable(database, project, name),
      partition: name.partition,
    }))
    const first = sources[0]?.entry
    if (!first) throw invalidRequest('A copy job needs a source table')
    if (sources.some(({ entry }) => entry.kind === 'VIEW')) throw invalidRequest('Views cannot be copied')
    const { partition, ...name } = request.destination
    const existing = database.catalog.table(name)
    const whole = first.partitioning && sources.every((source) => source.partition === undefined)
    const keeps = partition !== undefined || whole
    const table = await prepareDestination(connection, changes, database, {
      project,
      name,
      schema: first.schema,
      writeDisposition: request.writeDisposition,
      createDisposition: request.createDisposition,
      ...(keeps && first.partitioning && !existing ? { partitioning: first.partitioning } : {}),
      ...(first.clustering && !existing ? { clustering: first.clustering } : {}),
      ...(first.description === undefined || existing ? {} : { description: first.description }),
      ...(partition !== undefined && existing
        ? { partitionCondition: decorated(existing, partition).condition }
        : {}),
      now: request.now,
    })
    const target = partition === undefined ? null : decorated(table, partition)
    let rows = 0
    for (const { entry, partition: from } of sources) {
      const names = entry.schema.map((field) => quoteName(field.name))
      const values = [...names]
      if (ingests(table) && (target || ingests(entry))) {
        names.push(quoteName(INGESTION_COLUMN))
        values.push(target ? `(${target.start} AT TIME ZONE 'UTC')` : quoteName(INGESTION_COLUMN))
      }
      const part = from === undefined ? '' : ` WHERE ${decorated(entry, from).condition}`
      const result = await execute(
        connection,
        `INSERT INTO ${table.physical} (${names.join(', ')}) SELECT ${values.join(', ')} FROM ${entry.physical}${part}`,
      )
      rows += result.rowsChanged
    }
    return { rows }
  }, request.jobKey)
}
