/** Columns of tables, as `dataset.table.column`; `dataset.table.*` are the rows of a table. */
export type Sources = ReadonlySet<string>

export const nothing: Sources = new Set()

/** What a value is made of. */
export type Shape =
  | { readonly kind: 'plain' }
  /** A value whose fields nobody declares. */
  | { readonly kind: 'json' }
  | { readonly kind: 'struct'; readonly fields: readonly LineageColumn[] }
  | { readonly kind: 'array'; readonly element: Shape | null }

/** A value of an expression. */
export interface Value {
  /** What it is computed from. */
  readonly sources: Sources
  /** Null where it is not known. */
  readonly shape: Shape | null
}

/** A column with what its values are computed from. */
export interface LineageColumn {
  /** Null where a query gives it none. */
  readonly name: string | null
  readonly sources: Sources
  /** @default null, it is not known */
  readonly shape?: Shape | null
}

/** Rows as a query sees them. */
export interface Relation {
  readonly columns: readonly LineageColumn[]
  /** Columns that only `alias.column` names, such as those that USING has joined. */
  readonly hidden: readonly LineageColumn[]
  /** Where its columns are not all known: what those come from. */
  readonly open: Sources | null
  /** Where its alias is a value itself, as of UNNEST. */
  readonly value: Value | null
  /** What decides which rows there are: conditions, joins, groups. */
  readonly rows: Sources
}

export function relation(columns: readonly LineageColumn[], rest: Partial<Relation> = {}): Relation {
  return { columns, hidden: [], open: null, value: null, rows: nothing, ...rest }
}

export function union(...all: readonly (Sources | null)[]): Sources {
  const held = all.filter((each): each is Sources => each !== null && each.size > 0)
  const [first = nothing, ...more] = held
  if (more.every((each) => each === first)) return first
  const found = new Set(first)
  for (const each of more) for (const source of each) found.add(source)
  return found
}

export function sameName(a: string, b: string): boolean {
  return a.length === b.length && a.toLowerCase() === b.toLowerCase()
}

export function columnNamed(columns: readonly LineageColumn[], name: string): LineageColumn | null {
  return columns.find((column) => column.name !== null && sameName(column.name, name)) ?? null
}

/** Everything that its values come from. */
export function allSources({ columns, open, value }: Relation): Sources {
  return union(...columns.map(({ sources }) => sources), open, value?.sources ?? null)
}

/** A row as one value. */
export function rowValue(of: Relation): Value {
  if (of.value !== null) return of.value
  return {
    sources: allSources(of),
    shape: of.open === null ? { kind: 'struct', fields: of.columns } : null,
  }
}

/** Columns of what a value table gives: the fields of a struct. */
export function columnsOfValue({ shape }: Value): readonly LineageColumn[] {
  return shape?.kind === 'struct' ? shape.fields : []
}
