import { invalid } from '../../../sql/problem.ts'
import type { Expression } from '../../../sql/syntax.ts'
import type { Env } from './context.ts'
import type { FromResult } from './from.ts'
import type { Relation } from './scope.ts'

/**
 * Refuses a scan of a table with require_partition_filter whose WHERE or ON has no condition on its partition.
 * https://cloud.google.com/bigquery/docs/querying-partitioned-tables#require_a_partition_filter_in_queries
 */
export function checkPartitionFilters(from: FromResult, where: Expression | null, env: Env): void {
  const conditions = [...from.conditions, ...(where ? [where] : [])].flatMap(conjuncts)
  for (const relation of from.relations) {
    if (!relation.requiredFilter || conditions.some((condition) => filters(condition, relation))) continue
    const { table, columns } = relation.requiredFilter
    throw invalid(
      where?.at ?? 0,
      `Cannot query over table '${env.context.project}.${table}' without a filter over column(s) ${columns.map((c) => `'${c}'`).join(', ')} that can be used for partition elimination`,
    )
  }
}

function conjuncts(expression: Expression): Expression[] {
  if (expression.kind === 'binary' && expression.operator === 'AND')
    return [...conjuncts(expression.left), ...conjuncts(expression.right)]
  return [expression]
}

/** A comparison of the partition column with something else; an OR needs one on each side. */
function filters(condition: Expression, relation: Relation): boolean {
  if (condition.kind === 'binary' && condition.operator === 'OR')
    return filters(condition.left, relation) && filters(condition.right, relation)
  if (condition.kind === 'binary')
    return isColumn(condition.left, relation) || isColumn(condition.right, relation)
  if (condition.kind === 'between' || condition.kind === 'in')
    return !condition.not && isColumn(condition.operand, relation)
  return condition.kind === 'is' && condition.test === 'NULL' && isColumn(condition.operand, relation)
}

function isColumn(expression: Expression, relation: Relation): boolean {
  const columns = new Set(relation.requiredFilter!.columns.map((column) => column.toLowerCase()))
  if (expression.kind === 'name') return columns.has(expression.name.toLowerCase())
  if (expression.kind === 'field' && expression.object.kind === 'name')
    return (
      expression.object.name.toLowerCase() === relation.alias?.toLowerCase() &&
      columns.has(expression.field.text.toLowerCase())
    )
  // DATE(column), TIMESTAMP_TRUNC(column, DAY) and the like.
  if (expression.kind === 'call')
    return expression.arguments.some((argument) => isColumn(argument.value, relation))
  return expression.kind === 'cast' && isColumn(expression.operand, relation)
}
