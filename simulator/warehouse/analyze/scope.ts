import { invalid } from '../../../sql/problem.ts'
import type { Query } from '../../../sql/syntax.ts'
import { structOf } from '../types/type.ts'
import { packStruct } from './coerce.ts'
import type { Typed } from './typed.ts'

export interface Column {
  /** Null for an anonymous column of a subquery, which nothing can name. */
  readonly name: string | null
  readonly value: Typed
}

/** Something of the FROM clause that has a name. */
export interface Relation {
  readonly alias: string | null
  readonly columns: readonly Column[]
  /** `_PARTITIONTIME` and the like: nameable, not part of `*`. */
  readonly pseudo: readonly Column[]
  /** The row itself, of a value table such as UNNEST. */
  readonly value: Typed | null
  /** The column that a query must filter by. */
  readonly requiredFilter: { readonly table: string; readonly columns: readonly string[] } | null
}

/** What a grouped query may still see. */
export interface Grouping {
  /** SQL of a key before grouping -> the value after it. */
  readonly keys: ReadonlyMap<string, Typed>
  /** Shape of a key's syntax -> the value after grouping. */
  readonly shapes: ReadonlyMap<string, Typed>
  /** The scope that arguments of aggregates see. */
  readonly inner: Scope
  /** SQL of the aggregates, in order; one is asked for by its text. */
  readonly aggregates: string[]
  /** Prefix of the columns that carry the results. */
  readonly alias: string
  /** Where the expression stands, for messages. @default 'SELECT list' */
  readonly clause?: string
}

export interface Scope {
  readonly relations: readonly Relation[]
  /** The columns of `*`, in order; unqualified names are looked up here. */
  readonly star: readonly Column[]
  readonly grouping: Grouping | null
  readonly parent: Scope | null
  /** Aliases of the select list, where they may be named. */
  readonly aliases: ReadonlyMap<string, Typed> | null
}

export interface CommonTableScope {
  readonly name: string
  /** Name in the emitted SQL. */
  readonly emitted: string
  readonly columns: readonly { readonly name: string | null; readonly type: Typed['type'] }[]
  readonly valueTable: boolean
  readonly query: Query
}

export const emptyScope: Scope = { relations: [], star: [], grouping: null, parent: null, aliases: null }

export type Found =
  | { readonly kind: 'value'; readonly value: Typed }
  | { readonly kind: 'relation'; readonly relation: Relation; readonly scope: Scope }

/** Looks a name up, innermost scope first. Throws when it is ambiguous. */
export function lookUp(scope: Scope | null, name: string, at: number): Found | null {
  const wanted = name.toLowerCase()
  for (let current = scope; current; current = current.parent) {
    const alias = current.aliases?.get(wanted)
    if (alias) return { kind: 'value', value: alias }
    const columns = current.star.filter((column) => column.name?.toLowerCase() === wanted)
    if (columns.length > 1) throw invalid(at, `Column name ${name} is ambiguous`)
    if (columns[0]) return { kind: 'value', value: afterGrouping(columns[0].value, current, name, at) }
    const relation = current.relations.find((item) => item.alias?.toLowerCase() === wanted)
    if (relation) return { kind: 'relation', relation, scope: current }
    const pseudo = current.relations.flatMap((r) => r.pseudo.filter((c) => c.name?.toLowerCase() === wanted))
    if (pseudo.length > 1) throw invalid(at, `Column name ${name} is ambiguous`)
    if (pseudo[0]) return { kind: 'value', value: afterGrouping(pseudo[0].value, current, name, at) }
  }
  return null
}

/** A relation by its alias, for `alias.column`. */
export function findRelation(scope: Scope | null, name: string): { relation: Relation; scope: Scope } | null {
  const wanted = name.toLowerCase()
  for (let current = scope; current; current = current.parent) {
    const relation = current.relations.find((item) => item.alias?.toLowerCase() === wanted)
    if (relation) return { relation, scope: current }
    if (current.aliases?.has(wanted)) return null
    if (current.star.some((column) => column.name?.toLowerCase() === wanted)) return null
  }
  return null
}

export function relationColumn(
  found: { relation: Relation; scope: Scope },
  name: string,
  at: number,
): Typed | null {
  const wanted = name.toLowerCase()
  const { relation } = found
  const matches = relation.columns.filter((column) => column.name?.toLowerCase() === wanted)
  if (matches.length > 1) throw invalid(at, `Column name ${name} is ambiguous`)
  const column = matches[0] ?? relation.pseudo.find((item) => item.name?.toLowerCase() === wanted)
  return column ? afterGrouping(column.value, found.scope, `${relation.alias}.${name}`, at) : null
}

/** The whole row of a relation, as a STRUCT unless it is a value table. */
export function rowValue(found: { relation: Relation; scope: Scope }, at: number): Typed {
  const { relation, scope } = found
  if (relation.value) return afterGrouping(relation.value, scope, relation.alias ?? '', at)
  const type = structOf(relation.columns.map((column) => ({ name: column.name, type: column.value.type })))
  if (type.kind !== 'struct') throw invalid(at, 'not a row')
  const items = relation.columns.map((column) => afterGrouping(column.value, scope, column.name ?? '', at))
  return { sql: packStruct(items, type).sql, type }
}

function afterGrouping(value: Typed, scope: Scope, name: string, at: number): Typed {
  if (!scope.grouping) return value
  const key = scope.grouping.keys.get(value.sql)
  if (key) return key
  throw invalid(
    at,
    `${scope.grouping.clause ?? 'SELECT list'} expression references ${name.includes('.') ? '' : 'column '}${name} which is neither grouped nor aggregated`,
  )
}
