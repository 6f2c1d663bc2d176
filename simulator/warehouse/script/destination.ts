import { schemaOf } from './columns.ts'
import { rootEnv } from '../analyze/context.ts'
import { timestampSql } from '../analyze/coerce.ts'
import { analyzeQuery } from '../analyze/query.ts'
import { INGESTION_COLUMN } from '../analyze/table.ts'
import { typed } from '../analyze/typed.ts'
import { execute } from '../engine/database.ts'
import { decorated, expire } from '../engine/partitions.ts'
import { rowsOf } from '../engine/rows.ts'
import { constrain, storeValue } from '../engine/store.ts'
import { prepareDestination } from '../load/destination.ts'
import { checkPartition } from '../load/partition-check.ts'
import { withSource } from '../problem.ts'
import type { Query } from '../../../sql/syntax.ts'
import { quoteName } from '../types/duck.ts'
import { typeOfField } from '../types/type.ts'
import type { QueryRequest, QueryResult } from '../warehouse.ts'
import { ingests } from './layout.ts'
import type { Session } from './session.ts'

/** A query whose rows go into a table. */
export async function writeDestination(
  query: Query,
  destination: NonNullable<QueryRequest['destination']>,
  session: Session,
): Promise<QueryResult> {
  const { database, connection, request } = session
  const analyzed = withSource(request.sql, () => analyzeQuery(query, rootEnv(session.context())))
  const schema = withSource(request.sql, () =>
    schemaOf(
      analyzed.columns.map((column, i) => ({ name: column.name ?? `f${i}_`, type: column.type })),
      query.at,
    ),
  )
  await expire(database, request.now, session.referenced, session)
  await session.countBytes()
  const result = await session.write(async (changes) => {
    // Before the destination is emptied: the query may read it.
    const staged = `temp.main."_result${session.unique()}"`
    const cells = schema.map((field, i) => `${constrain(`q.c${i}`, field)} AS c${i}`)
    await execute(
      connection,
      `CREATE TEMP TABLE ${staged} AS SELECT ${cells.join(', ')} FROM (${analyzed.sql}) AS q`,
    )
    const { partition, table: name } = destination
    const existing = database.catalog.table(name)
    const table = await prepareDestination(connection, changes, database, {
      project: request.project,
      name,
      schema,
      writeDisposition: destination.writeDisposition,
      createDisposition: destination.createDisposition,
      ...(destination.schemaUpdateOptions ? { updates: destination.schemaUpdateOptions } : {}),
      ...(destination.partitioning ? { partitioning: destination.partitioning } : {}),
      ...(destination.rangePartitioning ? { rangePartitioning: destination.rangePartitioning } : {}),
      ...(destination.clustering ? { clustering: destination.clustering } : {}),
      ...(partition !== undefined && existing
        ? { partitionCondition: decorated(existing, partition).condition }
        : {}),
      now: request.now,
    })
    const columns = schema.map((field) =>
      table.schema.find((item) => item.name.toLowerCase() === field.name.toLowerCase())!,
    )
    const names = columns.map((field) => quoteName(field.name))
    const values = columns.map((field, i) =>
      field === schema[i]
        ? `q.c${i}`
        : withSource(request.sql, () =>
            storeValue(typed(`q.c${i}`, analyzed.columns[i]!.type), field, query.at),
          ),
    )
    const part = partition === undefined ? null : decorated(table, partition)
    if (part && !ingests(table))
      await checkPartition(connection, table, schema, staged, part.condition, partition!)
    if (ingests(table)) {
      const now = `CAST(date_trunc('${table.partitioning!.type.toLowerCase()}', ${timestampSql(BigInt(request.now) * 1000n, true)}) AS TIMESTAMP)`
      names.push(quoteName(INGESTION_COLUMN))
      values.push(`(${part?.start ?? now} AT TIME ZONE 'UTC')`)
    }
    await execute(
      connection,
      `INSERT INTO ${table.physical} (${names.join(', ')}) SELECT ${values.join(', ')} FROM ${staged} AS q`,
    )
    return execute(connection, `SELECT * FROM ${staged}`)
  })
  return {
    statementType: 'SELECT',
    schema,
    rows: rowsOf(result, schema.map(typeOfField)),
    referencedTables: session.referenced,
    bytes: session.bytes,
  }
}
