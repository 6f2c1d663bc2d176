import type { DuckDBMaterializedResult } from '@duckdb/node-api'
import type { Type } from '../types/type.ts'
import type { Cell, ResultRows } from '../warehouse.ts'
import { toCell } from './cells.ts'

export const noRows: ResultRows = { count: 0, read: async () => [], close: async () => undefined }

/** Rows of a result that DuckDB keeps; cells are made when they are read. */
export function rowsOf(result: DuckDBMaterializedResult, types: readonly Type[]): ResultRows {
  const starts: number[] = []
  let total = 0
  for (let i = 0; i < result.chunkCount; i++) {
    starts.push(total)
    total += result.getChunk(i).rowCount
  }
  return {
    count: total,
    async read(start, max) {
      const rows: Cell[][] = []
      let i = starts.findLastIndex((first) => first <= start)
      for (; i >= 0 && i < starts.length && rows.length < max; i++) {
        const chunk = result.getChunk(i)
        const vectors = types.map((_, column) => chunk.getColumnVector(column))
        for (let row = Math.max(0, start - starts[i]!); row < chunk.rowCount && rows.length < max; row++)
          rows.push(types.map((type, column) => toCell(vectors[column]!.getItem(row), type)))
      }
      return rows
    },
    async close() {
      total = 0
      starts.length = 0
    },
  }
}
