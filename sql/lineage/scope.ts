import { allSources, nothing, sameName, union, type Relation, type Sources } from './relation.ts'

/** Something that a query names and nothing declares. */
export interface Unknown {
  readonly kind: 'table' | 'column'
  /** Offset in the source. */
  readonly at: number
  readonly name: string
  /** Of a column: `alias` or table that it was looked for in; null where it stands alone. */
  readonly within: string | null
  /** What there is instead. */
  readonly known: readonly string[]
}

/** Tables by their path, in lower case; null where there is none. */
export type TableLookup = (path: readonly string[]) => Relation | null

export interface Session {
  readonly tables: TableLookup
  /** Temporary tables of a script, by name in lower case. */
  readonly temporary: Map<string, Relation>
  readonly unknown: Unknown[]
}

export interface FromItem {
  readonly alias: string | null
  readonly relation: Relation
}

/** The names that an expression can see. */
export interface Scope {
  readonly session: Session
  readonly items: readonly FromItem[]
  /** Columns of the select list that later clauses may name. */
  readonly aliases: ReadonlyMap<string, Sources>
  /** Common tables, by name in lower case. */
  readonly commonTables: ReadonlyMap<string, Relation>
  readonly variables: ReadonlyMap<string, Sources>
  readonly outer: Scope | null
}

export function inside(scope: Scope, items: readonly FromItem[]): Scope {
  return { ...scope, items, aliases: new Map(), outer: scope }
}

/** Words that stand where a value could: parts of dates, and modes of functions. */
const words = new Set(
  `MICROSECOND MILLISECOND SECOND MINUTE HOUR DAY DAYOFWEEK DAYOFYEAR WEEK ISOWEEK MONTH QUARTER YEAR ISOYEAR DATE TIME
  MONDAY TUESDAY WEDNESDAY THURSDAY FRIDAY SATURDAY SUNDAY NFC NFD NFKC NFKD DATETIME`.split(/\s+/),
)

/** What a name comes from; a name that stands for nothing is noted. */
export function resolveName(path: readonly string[], at: number, scope: Scope): Sources {
  const found = find(path, scope)
  if (found !== null) return found
  const [first = ''] = path
  if (path.length === 1 && words.has(first.toUpperCase())) return nothing
  const item = itemNamed(first, scope)
  scope.session.unknown.push({
    kind: 'column',
    at,
    name: item && path.length > 1 ? path[1]! : first,
    within: item && path.length > 1 ? first : null,
    known: (item ? [item] : scope.items).flatMap(({ relation }) =>
      relation.columns.flatMap(({ name }) => (name === null ? [] : [name])),
    ),
  })
  return nothing
}

function find(path: readonly string[], scope: Scope): Sources | null {
  for (let each: Scope | null = scope; each !== null; each = each.outer) {
    const found = findKnown(path, each)
    if (found !== null) return found
  }
  const variable = scope.variables.get(path[0]!.toLowerCase())
  if (variable !== undefined) return variable
  for (let each: Scope | null = scope; each !== null; each = each.outer) {
    const open = each.items.flatMap(({ relation }) => [
      ...(relation.open === null ? [] : [relation.open]),
      ...(relation.value === null ? [] : [relation.value]),
    ])
    if (open.length > 0) return union(...open)
  }
  return null
}

function findKnown(path: readonly string[], scope: Scope): Sources | null {
  const [first = '', second] = path
  const item = scope.items.find(({ alias }) => alias !== null && sameName(alias, first))
  if (item && second !== undefined) {
    const member = columnOf(item.relation, second)
    if (member !== null) return member
    return item.relation.value ?? item.relation.open
  }
  for (const { relation } of scope.items) {
    const column = columnOf(relation, first)
    if (column !== null) return column
  }
  if (item) return item.relation.value ?? allSources(item.relation)
  return scope.aliases.get(first.toLowerCase()) ?? null
}

function itemNamed(name: string, scope: Scope): FromItem | null {
  for (let each: Scope | null = scope; each !== null; each = each.outer) {
    const item = each.items.find(({ alias }) => alias !== null && sameName(alias, name))
    if (item) return item
  }
  return null
}

function columnOf(relation: Relation, name: string): Sources | null {
  return (
    relation.columns.find((column) => column.name !== null && sameName(column.name, name))?.sources ?? null
  )
}
