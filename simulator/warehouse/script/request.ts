import { rootEnv } from '../analyze/context.ts'
import { analyzeQuery } from '../analyze/query.ts'
import type { StoredField } from '../catalog/entry.ts'
import type { Database } from '../engine/database.ts'
import { translateError } from '../engine/errors.ts'
import { dropExpiredTables } from '../engine/partitions.ts'
import { noRows } from '../engine/rows.ts'
import { parseScript } from '../../../sql/parser/statement.ts'
import { withSource } from '../problem.ts'
import type { Statement } from '../../../sql/syntax.ts'
import { type QueryRequest, type QueryResult, type TableMetadata, WarehouseError } from '../warehouse.ts'
import { schemaOf } from './columns.ts'
import { writeDestination } from './destination.ts'
import { dryRun } from './dry-run.ts'
import { Interpreter } from './interpreter.ts'
import { readParameters } from './parameters.ts'
import { Session } from './session.ts'

/** A query request: one statement or a script. */
export async function runRequest(database: Database, request: QueryRequest): Promise<QueryResult> {
  const statements = withSource(request.sql, () => parseScript(request.sql))
  const { named, positional } = readParameters(request.parameters)
  await dropExpiredTables(database, request.now)
  const connection = await database.connect()
  const session = new Session(database, connection, request, named, positional)
  const interrupt = (): void => connection.interrupt()
  request.signal?.addEventListener('abort', interrupt)
  try {
    if (request.signal?.aborted)
      throw new WarehouseError({ reason: 'stopped', message: 'Job execution was cancelled' })
    if (request.dryRun) return await dryRun(statements, session)
    const [only] = statements
    if (statements.length === 1 && !isScript(statements) && only?.kind !== 'call')
      session.jobKey = request.jobKey
    if (request.destination && only?.kind === 'query' && statements.length === 1)
      return await writeDestination(only.query, request.destination, session)
    return await runStatements(statements, session)
  } catch (error) {
    throw translateError(error)
  } finally {
    request.signal?.removeEventListener('abort', interrupt)
    if (session.inTransaction) await session.rollback()
    connection.closeSync()
  }
}

async function runStatements(statements: readonly Statement[], session: Session): Promise<QueryResult> {
  const script = isScript(statements)
  session.isScript = script || statements.some((statement) => statement.kind === 'call')
  const interpreter = new Interpreter(session, session.request.sql)
  await interpreter.run(statements)
  const last = interpreter.last ?? { statementType: 'SCRIPT', schema: [], rows: noRows }
  return {
    statementType: script ? 'SCRIPT' : last.statementType,
    schema: last.schema,
    rows: last.rows,
    ...(interpreter.changed ? { dml: interpreter.counts } : {}),
    referencedTables: session.referenced,
    bytes: session.bytes,
    ...(last.ddl && !script ? { ddl: last.ddl } : {}),
    ...(session.children > 0 ? { children: session.children } : {}),
  }
}

/** One statement is its own kind; temporary functions in front of a query do not make a script. */
export function isScript(statements: readonly Statement[]): boolean {
  const [first, ...rest] = statements
  const control = ['if', 'case', 'block', 'declare', 'set', 'setSystem', 'raise', 'transaction', 'return']
  if (rest.length === 0) return control.includes(first?.kind ?? '')
  const leading = statements.slice(0, -1)
  return !leading.every((statement) => statement.kind === 'createFunction' && statement.temporary)
}

/** The columns of a view's query. */
export async function viewSchema(
  database: Database,
  project: string,
  view: TableMetadata,
): Promise<readonly StoredField[]> {
  const sql = view.viewQuery ?? ''
  return database.withConnection(async (connection) => {
    const session = new Session(
      database,
      connection,
      { sql, project, parameters: [], now: view.modifiedAt },
      new Map(),
      [],
    )
    return withSource(sql, () => {
      const [statement] = parseScript(sql)
      if (statement?.kind !== 'query')
        throw new WarehouseError({
          reason: 'invalidQuery',
          location: 'query',
          message: 'A view must be a query',
        })
      const named = analyzeQuery(statement.query, rootEnv(session.context())).columns
      return schemaOf(named, 0).map((field) => ({ ...field, ...description(view, field.name) }))
    })
  })
}

function description(view: TableMetadata, name: string): { description?: string } {
  const text = view.schema.find((field) => field.name.toLowerCase() === name.toLowerCase())?.description
  return text === undefined ? {} : { description: text }
}
