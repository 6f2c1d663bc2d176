import { schemaOf } from './columns.ts'
import { rootEnv } from '../analyze/context.ts'
import { analyzeQuery } from '../analyze/query.ts'
import { typed } from '../analyze/typed.ts'
import { execute } from '../engine/database.ts'
import { expire } from '../engine/partitions.ts'
import { rowsOf } from '../engine/rows.ts'
import { constrain, storeValue } from '../engine/store.ts'
import { prepareDestination } from '../load/destination.ts'
import { withSource } from '../sql/problem.ts'
import type { Query } from '../sql/syntax.ts'
import { quoteName } from '../types/duck.ts'
import { typeOfField } from '../types/type.ts'
import type { QueryRequest, QueryResult } from '../warehouse.ts'
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
  const result = await session.write(async (changes) => {
    const table = await prepareDestination(connection, changes, database, {
      project: request.project,
      name: destination.table,
      schema,
      writeDisposition: destination.writeDisposition,
      createDisposition: destination.createDisposition,
      now: request.now,
    })
    const columns = schema.map((field) =>
      table.schema.find((item) => item.name.toLowerCase() === field.name.toLowerCase())!,
    )
    const values = columns.map((field, i) =>
      field === schema[i]
        ? constrain(`q.c${i}`, field)
        : withSource(request.sql, () =>
            storeValue(typed(`q.c${i}`, analyzed.columns[i]!.type), field, query.at),
          ),
    )
    const staged = `temp.main."_result${session.unique()}"`
    await execute(
      connection,
      `CREATE TEMP TABLE ${staged} AS SELECT ${values.map((value, i) => `${value} AS c${i}`).join(', ')} FROM (${analyzed.sql}) AS q`,
    )
    await execute(
      connection,
      `INSERT INTO ${table.physical} (${columns.map((field) => quoteName(field.name)).join(', ')}) SELECT * FROM ${staged}`,
    )
    return execute(connection, `SELECT * FROM ${staged}`)
  })
  return {
    statementType: 'SELECT',
    schema,
    rows: rowsOf(result, schema.map(typeOfField)),
    referencedTables: session.referenced,
  }
}
