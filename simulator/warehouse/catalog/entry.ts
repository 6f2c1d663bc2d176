import type { Field, TableMetadata } from '../warehouse.ts'

/** A column as the warehouse keeps it: BigQuery's field, and what the REST schema calls precision, scale, maxLength and default. */
export interface StoredField extends Field {
  readonly precision?: number
  readonly scale?: number
  readonly maxLength?: number
  /** BigQuery SQL. */
  readonly defaultValue?: string
  readonly fields?: readonly StoredField[]
}

export interface RangePartitioning {
  readonly field: string
  readonly start: number
  readonly end: number
  readonly interval: number
}

/** A table or view of the catalogue. */
export interface TableEntry extends Omit<TableMetadata, 'schema'> {
  readonly schema: readonly StoredField[]
  readonly rangePartitioning?: RangePartitioning
  readonly materialized?: boolean
  /** The quoted name in DuckDB. */
  readonly physical: string
}
