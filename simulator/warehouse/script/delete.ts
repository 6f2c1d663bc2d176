import { type Of } from './plan.ts'
import { rootEnv } from '../analyze/context.ts'
import { analyzeCondition } from '../analyze/expression.ts'
import { scopeOf } from '../analyze/from.ts'
import { checkPartitionFilters } from '../analyze/partition-filter.ts'
import { execute } from '../engine/database.ts'
import type { Session } from './session.ts'
import { none, type Plan } from './counts.ts'
import { target, targetFrom } from './dml-target.ts'

export function planDelete(statement: Of<'delete'>, session: Session): Plan {
  const entry = target(statement.path, session)
  const root = rootEnv(session.context())
  const from = targetFrom(entry, statement.path, statement.alias, root)
  checkPartitionFilters(from, statement.where, root)
  const where = analyzeCondition(
    statement.where,
    { ...root, scope: scopeOf(from, root), noAggregates: 'WHERE clause' },
    'WHERE clause',
  )
  const sql = `DELETE FROM ${from.sql} WHERE ${where.sql}`
  return {
    target: entry,
    rewrites: true,
    run: async () => ({ ...none, deleted: (await execute(session.connection, sql)).rowsChanged }),
  }
}

export function planTruncate(statement: Of<'truncate'>, session: Session): Plan {
  const entry = target(statement.path, session)
  return {
    target: entry,
    run: async () => ({
      ...none,
      deleted: (await execute(session.connection, `DELETE FROM ${entry.physical}`)).rowsChanged,
    }),
  }
}
