import { type Of } from './plan.ts'
import { type Env, rootEnv } from '../analyze/context.ts'
import { analyzeCondition } from '../analyze/expression.ts'
import { analyzeFrom } from '../analyze/from.ts'
import { checkPartitionFilters } from '../analyze/partition-filter.ts'
import { type Column, emptyScope } from '../analyze/scope.ts'
import { execute } from '../engine/database.ts'
import { quoteName } from '../types/duck.ts'
import type { Session } from './session.ts'
import { none, type Plan } from './counts.ts'
import { target, targetFrom, relationAlias, refuseDuplicates } from './dml-target.ts'
import { analyzeAssignments } from './assignments.ts'

export function planUpdate(statement: Of<'update'>, session: Session): Plan {
  const entry = target(statement.path, session)
  const root = rootEnv(session.context())
  const from = targetFrom(entry, statement.path, statement.alias, root)
  const other = statement.from ? analyzeFrom(statement.from, root) : null
  const star: readonly Column[] = [...from.star, ...(other?.star ?? [])]
  const relations = [...from.relations, ...(other?.relations ?? [])]
  checkPartitionFilters({ ...from, relations, conditions: other?.conditions ?? [] }, statement.where, root)
  const env: Env = {
    ...root,
    scope: { ...emptyScope, star, relations },
    noAggregates: 'UPDATE',
    noWindows: 'UPDATE',
  }
  const where = analyzeCondition(statement.where, env, 'WHERE clause')
  const sets = analyzeAssignments(statement.assignments, entry, from, env, session)
  const alias = relationAlias(from)
  if (!other) {
    const list = sets.map((set) => `${quoteName(set.field.name)} = ${set.sql}`).join(', ')
    const sql = `UPDATE ${from.sql} SET ${list} WHERE ${where.sql}`
    return {
      target: entry,
      rewrites: true,
      run: async () => ({ ...none, updated: (await execute(session.connection, sql)).rowsChanged }),
    }
  }
  const work = `temp.main."_update${session.unique()}"`
  const columns = sets.map((set, i) => `${set.sql} AS u${i}`)
  const select = `CREATE TEMP TABLE ${work} AS SELECT ${alias}.rowid AS r, ${columns.join(', ')} FROM ${from.sql} CROSS JOIN ${statement.from!.kind === 'join' ? `(${other.sql})` : other.sql} WHERE ${where.sql}`
  return {
    target: entry,
    rewrites: true,
    run: async () => {
      await execute(session.connection, select)
      await refuseDuplicates(work, 'TRUE', session)
      const list = sets.map((set, i) => `${quoteName(set.field.name)} = w.u${i}`).join(', ')
      const result = await execute(
        session.connection,
        `UPDATE ${entry.physical} AS t SET ${list} FROM ${work} AS w WHERE t.rowid = w.r`,
      )
      await execute(session.connection, `DROP TABLE ${work}`)
      return { ...none, updated: result.rowsChanged }
    },
  }
}
