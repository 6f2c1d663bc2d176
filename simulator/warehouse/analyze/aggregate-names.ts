import { aggregates } from '../functions/aggregates.ts'

/** Whether a name is an aggregate function's (or GROUPING, which needs a grouped query as well). */
export function isAggregate(name: string): boolean {
  return aggregates.has(name.toUpperCase()) || name.toUpperCase() === 'GROUPING'
}
