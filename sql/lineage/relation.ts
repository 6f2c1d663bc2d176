/** Columns of tables, as `dataset.table.column`. */
export type Sources = ReadonlySet<string>

export const nothing: Sources = new Set()

/** A column with what its values are computed from. */
export interface LineageColumn {
  /** Null where a query gives it none. */
  readonly name: string | null
  readonly sources: Sources
}

/** Rows as a query sees them. */
export interface Relation {
  readonly columns: readonly LineageColumn[]
  /** Where its columns are not all known: what those come from. */
  readonly open: Sources | null
  /** Where its alias is a value itself, as of UNNEST. */
  readonly value: Sources | null
  /** What decides which rows there are: conditions, joins, groups. */
  readonly rows: Sources
}

export function relation(columns: readonly LineageColumn[], rest: Partial<Relation> = {}): Relation {
  return { columns, open: null, value: null, rows: nothing, ...rest }
}

export function union(...all: readonly (Sources | null)[]): Sources {
  const held = all.filter((each): each is Sources => each !== null && each.size > 0)
  if (held.length <= 1) return held[0] ?? nothing
  return new Set(held.flatMap((each) => [...each]))
}

export function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

/** Everything that its values come from. */
export function allSources({ columns, open, value }: Relation): Sources {
  return union(...columns.map(({ sources }) => sources), open, value)
}
