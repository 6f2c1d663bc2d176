import { noRows } from '../engine/rows.ts'
import { translateError } from '../engine/errors.ts'
import { lineAndColumn, SqlProblem } from '../../../sql/problem.ts'
import { withSource } from '../problem.ts'
import type { Statement } from '../../../sql/syntax.ts'
import { WarehouseError } from '../warehouse.ts'
import type { Session, StatementResult } from './session.ts'

export const steps = {
  ASSERT: 'ASSERT',
  BEGIN: 'BEGIN_TRANSACTION',
  COMMIT: 'COMMIT_TRANSACTION',
  ROLLBACK: 'ROLLBACK_TRANSACTION',
} as const

/** Statements that are jobs within a script; the others steer it. */
const jobs: ReadonlySet<Statement['kind']> = new Set([
  'query',
  'insert',
  'update',
  'delete',
  'truncate',
  'merge',
  'createTable',
  'createView',
  'createSchema',
  'alterSchema',
  'alterTable',
  'createModel',
  'alterModel',
  'createProcedure',
  'createFunction',
  'createTableFunction',
  'drop',
  'assert',
  'transaction',
])

/** The text that is run: a script, or the body of a procedure. */
interface Place {
  readonly session: Session
  readonly source: string
  readonly procedure: string | null
}

/** Tells of a statement that is a job of its own within a script. */
export function reportStatement(
  statement: Statement,
  result: StatementResult | null,
  failure: WarehouseError | null,
  place: Place,
): void {
  const { session, source, procedure } = place
  if (!jobs.has(statement.kind) || !session.request.onStatement || !session.isScript) return
  session.children++
  const alone = statement.kind === 'assert' || statement.kind === 'transaction'
  const last: StatementResult | null = failure
    ? null
    : alone
      ? {
          statementType: steps[statement.kind === 'assert' ? 'ASSERT' : statement.action],
          schema: [],
          rows: noRows,
        }
      : result
  const from = lineAndColumn(source, statement.at)
  const to = lineAndColumn(source, statement.end)
  session.lastJobId = session.request.onStatement({
    text: source.slice(statement.at, statement.end),
    procedure,
    startLine: from.line,
    startColumn: from.column,
    endLine: to.line,
    endColumn: to.column,
    result: last
      ? {
          statementType: last.statementType,
          schema: last.schema,
          rows: { ...last.rows, close: async () => undefined },
          referencedTables: session.referenced,
          bytes: session.bytes,
          ...(last.dml ? { dml: last.dml } : {}),
          ...(last.ddl ? { ddl: last.ddl } : {}),
        }
      : null,
    error: failure,
  })
}

/** Failures while running say where their statement begins, like BigQuery's scripts. */
export function located(error: unknown, statement: Statement, source: string): WarehouseError {
  if (error instanceof SqlProblem) {
    try {
      return withSource(source, () => {
        throw error
      })
    } catch (translated) {
      return translateError(translated)
    }
  }
  const translated = translateError(error)
  if (statement.kind === 'block' || statement.kind === 'if' || /\bat \[?\d+:\d+\]?$/.test(translated.message))
    return translated
  const { line, column } = lineAndColumn(source, statement.at)
  if (translated.reason !== 'invalidQuery') return translated
  return new WarehouseError({
    reason: translated.reason,
    location: 'query',
    message: `${translated.message} at [${line}:${column}]`,
  })
}
