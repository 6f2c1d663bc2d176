import type { Field, TableMetadata } from '../warehouse.ts'

/** A column as the warehouse keeps it. */
export type StoredField = Field

/** A table or view of the catalogue. */
export interface TableEntry extends Omit<TableMetadata, 'schema'> {
  readonly schema: readonly StoredField[]
  readonly materialized?: boolean
  /** A snapshot of a table, which nothing may change. */
  readonly snapshot?: boolean
  /** The quoted name in DuckDB. */
  readonly physical: string
}
