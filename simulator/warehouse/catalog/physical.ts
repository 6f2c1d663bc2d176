import { quoteName } from '../types/duck.ts'
import type { TableName } from '../warehouse.ts'

/** The DuckDB catalogue, from the file's name. */
export const DATABASE = 'warehouse'

/** DuckDB's names have no case: upper-case letters are marked behind the name. */
function encode(name: string): string {
  const lower = name.toLowerCase()
  if (lower === name) return name
  return `${lower}~${Array.from(name)
    .map((char) => (char === char.toLowerCase() ? '0' : '1'))
    .join('')}`
}

export function physicalSchema(dataset: string): string {
  return `${DATABASE}.${quoteName(`d_${encode(dataset)}`)}`
}

export function physicalTable(name: TableName): string {
  return `${physicalSchema(name.dataset)}.${quoteName(encode(name.table))}`
}

export function temporaryTable(name: string): string {
  return `temp.main.${quoteName(encode(name.toLowerCase()))}`
}
