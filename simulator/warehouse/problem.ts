import { lineAndColumn, SqlProblem } from '../../sql/problem.ts'
import { WarehouseError } from './warehouse.ts'

/** A refusal as BigQuery words it, with its place in `source`. */
export function toWarehouseError(problem: SqlProblem, source: string): WarehouseError {
  const { line, column } = lineAndColumn(source, problem.at)
  if (problem.kind === 'unsupported') {
    return new WarehouseError({
      reason: 'invalidQuery',
      location: 'query',
      message: `Unsupported in the local warehouse: ${problem.message} at ${line}:${column}`,
    })
  }
  if (problem.kind === 'notFound') return new WarehouseError({ reason: 'notFound', message: problem.message })
  return new WarehouseError({
    reason: 'invalidQuery',
    location: 'query',
    message: `${problem.message} at [${line}:${column}]`,
  })
}

/** Runs `body` and gives its SqlProblems their line and column in `source`. */
export function withSource<T>(source: string, body: () => T): T {
  try {
    return body()
  } catch (error) {
    throw error instanceof SqlProblem ? toWarehouseError(error, source) : error
  }
}
