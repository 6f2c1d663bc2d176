import { rootEnv } from '../analyze/context.ts'
import { analyzeQuery } from '../analyze/query.ts'
import { execute } from '../engine/database.ts'
import { expire } from '../engine/partitions.ts'
import { rowsOf } from '../engine/rows.ts'
import { checkArrays } from '../engine/output.ts'
import { invalid } from '../../../sql/problem.ts'
import type { Query } from '../../../sql/syntax.ts'
import { fieldOfType, type Type } from '../types/type.ts'
import type { Field } from '../warehouse.ts'
import type { Session, StatementResult } from './session.ts'

export interface OutputQuery {
  readonly sql: string
  readonly schema: readonly Field[]
  readonly types: readonly Type[]
}

/** A query as a request's result: every column has one name, arrays no NULLs. */
export function analyzeOutput(query: Query, session: Session): OutputQuery {
  const analyzed = analyzeQuery(query, rootEnv(session.context()))
  const columns = analyzed.valueTable && analyzed.columns[0]?.type.kind === 'struct' ? null : analyzed.columns
  // A value table of structs comes out with the struct's fields as columns.
  const struct = columns ? null : analyzed.columns[0]!.type
  const list = columns ?? (struct?.kind === 'struct' ? struct.fields : [])
  const seen = new Set<string>()
  for (const { name } of list) {
    if (name === null) continue
    if (seen.has(name.toLowerCase()))
      throw invalid(
        query.at,
        `Duplicate column names in the result are not supported when a destination table is present. Found duplicate(s): ${name}`,
      )
    seen.add(name.toLowerCase())
  }
  const schema = list.map((column, i) => fieldOfType(column.name ?? `f${i}_`, column.type))
  const types = list.map((column) => column.type)
  const sql = struct?.kind === 'struct' ? `SELECT unnest(q.c0) FROM (${analyzed.sql}) AS q` : analyzed.sql
  return { sql: checkArrays(sql, types), schema, types }
}

export async function runQuery(query: Query, session: Session): Promise<StatementResult> {
  const { database, connection, request } = session
  // A writer may have changed the tables between the analysis and the run; then both are done again.
  for (let attempt = 0; ; attempt++) {
    const { version } = database.catalog
    const output = analyzeOutput(query, session)
    session.checkReadable()
    await expire(database, request.now, session.referenced, session)
    if (attempt === 0) await session.countBytes()
    try {
      const result = await execute(connection, output.sql)
      return { statementType: 'SELECT', schema: output.schema, rows: rowsOf(result, output.types) }
    } catch (error) {
      if (attempt >= 3 || version === database.catalog.version) throw error
    }
  }
}
