import { noRows } from '../engine/rows.ts'
import type { TableEntry } from '../catalog/entry.ts'
import { unsupported } from '../../../sql/problem.ts'
import { withSource } from '../problem.ts'
import type { Statement } from '../../../sql/syntax.ts'
import type { QueryResult } from '../warehouse.ts'
import { planAlterSchema, planCreateSchema } from './datasets.ts'
import { planAlterTable } from './alter-table.ts'
import { planAlterModel, planCreateModel } from '../ml/create-model.ts'
import { planCreateRoutine, planCreateTableFunction } from './routines.ts'
import type { Plan } from './counts.ts'
import { planCreateTable } from './create-table.ts'
import { planCreateView } from './create-view.ts'
import { planDrop } from './drop.ts'
import { planDelete, planTruncate } from './delete.ts'
import { planInsert } from './insert.ts'
import { planMerge } from './merge.ts'
import { planUpdate } from './update.ts'
import { planName } from './definition.ts'
import { analyzeOutput } from './query.ts'
import { isScript } from './request.ts'
import type { Session } from './session.ts'

/** Checks without running, and counts what would be read. Of a script only its syntax, as in BigQuery. */
export async function dryRun(statements: readonly Statement[], session: Session): Promise<QueryResult> {
  const checked = withSource(session.request.sql, () => check(statements, session))
  await session.countBytes(checked.rewritten)
  const { rewritten: _rewritten, ...result } = checked
  return { ...result, bytes: session.bytes }
}

interface Checked extends QueryResult {
  /** The table of which it would change rows. */
  readonly rewritten?: TableEntry
}

function check(statements: readonly Statement[], session: Session): Checked {
  const done = (statementType: string, more: Partial<Checked> = {}): Checked => ({
    statementType,
    schema: [],
    rows: noRows,
    referencedTables: session.referenced,
    bytes: session.bytes,
    ...more,
  })
  const [statement] = statements
  if (isScript(statements) || !statement || statements.length > 1) return done('SCRIPT')
  const source = session.request.sql
  switch (statement.kind) {
    case 'query':
      return done('SELECT', { schema: analyzeOutput(statement.query, session).schema })
    case 'insert':
      return (planInsert(statement, session), done('INSERT'))
    case 'update':
      return done('UPDATE', rewritten(planUpdate(statement, session)))
    case 'delete':
      return done('DELETE', rewritten(planDelete(statement, session)))
    case 'truncate':
      return (planTruncate(statement, session), done('TRUNCATE_TABLE'))
    case 'merge':
      return done('MERGE', rewritten(planMerge(statement, session)))
    case 'createTable':
      return done(planName(statement), {
        ddl: planCreateTable(statement, session, source).ddl,
      })
    case 'createView':
      return done(statement.materialized ? 'CREATE_MATERIALIZED_VIEW' : 'CREATE_VIEW', {
        ddl: planCreateView(statement, session).ddl,
      })
    case 'createSchema':
      return done('CREATE_SCHEMA', { ddl: planCreateSchema(statement, session).ddl })
    case 'alterSchema':
      return done('ALTER_SCHEMA', { ddl: planAlterSchema(statement, session).ddl })
    case 'alterTable':
      return done(`ALTER_${statement.object}`, { ddl: planAlterTable(statement, session, source).ddl })
    case 'createModel':
      return done('CREATE_MODEL', { ddl: planCreateModel(statement, session).ddl })
    case 'alterModel':
      return done('ALTER_MODEL', { ddl: planAlterModel(statement, session).ddl })
    case 'createTableFunction':
      return done('CREATE_TABLE_FUNCTION', { ddl: planCreateTableFunction(statement, session).ddl })
    case 'drop':
      return done(
        `DROP_${statement.materialized ? 'MATERIALIZED_' : statement.snapshot ? 'SNAPSHOT_' : ''}${statement.object.replace(' ', '_')}`,
        { ddl: planDrop(statement, session).ddl },
      )
    case 'createProcedure':
    case 'createFunction':
      return done(statement.kind === 'createProcedure' ? 'CREATE_PROCEDURE' : 'CREATE_FUNCTION', {
        ddl: planCreateRoutine(statement, session).ddl,
      })
    case 'call':
      return done('CALL')
    case 'assert':
      return done('ASSERT')
    default:
      throw unsupported(statement.at, `dry run of ${statement.kind}`)
  }
}

function rewritten({ target, rewrites }: Plan): Pick<Checked, 'rewritten'> {
  return rewrites ? { rewritten: target } : {}
}
