import type { DuckDBType } from '@duckdb/node-api'

/** A function that DuckDB has not and JavaScript gives it. NULL in, NULL out; it throws to fail the query. */
export interface NativeFunction {
  readonly name: string
  readonly parameters: readonly DuckDBType[]
  readonly result: DuckDBType
  readonly run: (...args: never[]) => unknown
}

export function native(
  name: string,
  parameters: readonly DuckDBType[],
  result: DuckDBType,
  run: (...args: never[]) => unknown,
): NativeFunction {
  return { name, parameters, result, run }
}

export function need<T>(value: T | null, message: string): T {
  if (value === null) throw new Error(message)
  return value
}
