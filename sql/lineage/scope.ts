import type { Name, WindowSpecification } from '../syntax.ts'
import {
  columnNamed,
  nothing,
  rowValue,
  sameName,
  union,
  type LineageColumn,
  type Relation,
  type Value,
} from './relation.ts'
import { fieldOf } from './shape.ts'

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

/** What a script has made so far, by name in lower case. */
export interface Session {
  readonly tables: TableLookup
  /** Temporary tables, and others that it creates, by `dataset.table`. */
  readonly temporary: Map<string, Relation>
  /** Table functions by `dataset.function`. */
  readonly functions: Map<string, Relation>
  readonly unknown: Unknown[]
  /** What a table without a dataset is looked for in. */
  dataset: string | null
}

export function newSession(tables: TableLookup): Session {
  return { tables, temporary: new Map(), functions: new Map(), unknown: [], dataset: null }
}

/** A table by the parts of its path: one that the script has made, or one that was there before. */
export function tableNamed(path: readonly string[], session: Session): Relation | null {
  const near = path.slice(-2)
  const found = session.temporary.get(near.join('.').toLowerCase())
  if (found) return found
  const { dataset } = session
  if (near.length > 1 || dataset === null) return session.tables(path)
  return session.temporary.get(`${dataset}.${near[0]}`.toLowerCase()) ?? session.tables([dataset, ...near])
}

export interface FromItem {
  readonly alias: string | null
  readonly relation: Relation
  /** What `alias.*` gives, where columns are left out of `*`. @default all of its columns */
  readonly whole?: readonly LineageColumn[]
}

/** The names that an expression can see. */
export interface Scope {
  readonly session: Session
  readonly items: readonly FromItem[]
  /** Columns of the select list that later clauses may name. */
  readonly aliases: ReadonlyMap<string, Value>
  readonly windows: ReadonlyMap<string, WindowSpecification>
  /** Common tables, by name in lower case. */
  readonly commonTables: ReadonlyMap<string, Relation>
  readonly variables: ReadonlyMap<string, Value>
  /** What decides the rows of subqueries within. */
  readonly decided: Set<string>
  readonly outer: Scope | null
}

export function rootScope(session: Session, variables: ReadonlyMap<string, Value>): Scope {
  return {
    session,
    items: [],
    aliases: new Map(),
    windows: new Map(),
    commonTables: new Map(),
    variables,
    decided: new Set(),
    outer: null,
  }
}

export function inside(scope: Scope, items: readonly FromItem[]): Scope {
  return { ...scope, items, aliases: new Map(), windows: new Map(), outer: scope }
}

type Miss = (name: Name, within: string | null, columns: readonly LineageColumn[]) => void

/** Notes a column that is not there. */
export function missColumn(
  { text, at }: Name,
  within: string | null,
  columns: readonly LineageColumn[],
  { unknown }: Session,
): void {
  unknown.push({ kind: 'column', at, name: text, within, known: columns.flatMap(({ name }) => name ?? []) })
}

const noValue: Value = { sources: nothing, shape: null }

/** What a name stands for; a name that stands for nothing is noted. */
export function resolveName(path: readonly Name[], scope: Scope): Value {
  const first = path[0]!
  const miss: Miss = (name, within, columns) => missColumn(name, within, columns, scope.session)
  for (let each: Scope | null = scope; each !== null; each = each.outer) {
    const found = findKnown(path, each, miss)
    if (found !== null) return found
  }
  const variable = scope.variables.get(first.text.toLowerCase())
  if (variable !== undefined) return fieldOf(variable, path.slice(1), (name) => miss(name, first.text, []))
  const open = openAround(scope)
  if (open !== null) return open
  const item = itemNamed(first.text, scope)
  if (item && path.length > 1) miss(path[1]!, first.text, item.columns)
  else
    miss(
      first,
      null,
      scope.items.flatMap(({ relation }) => relation.columns),
    )
  return noValue
}

/** Where nobody knows which columns there are, a name is taken to be one of them. */
function openAround(scope: Scope): Value | null {
  for (let each: Scope | null = scope; each !== null; each = each.outer) {
    const open = each.items.flatMap(({ relation: { open: columns, value } }) => [
      ...(columns === null ? [] : [columns]),
      ...(value !== null && value.shape === null ? [value.sources] : []),
    ])
    if (open.length > 0) return { sources: union(...open), shape: null }
  }
  return null
}

function findKnown(path: readonly Name[], scope: Scope, miss: Miss): Value | null {
  const first = path[0]!.text
  const second = path[1]?.text
  const item = scope.items.find(({ alias }) => alias !== null && sameName(alias, first))
  if (item && second !== undefined) {
    const { columns, hidden, value, open } = item.relation
    const member = columnNamed(hidden, second) ?? columnNamed(columns, second)
    if (member !== null) return inner(member, path.slice(2), miss)
    if (value !== null) return fieldOf(value, path.slice(1), (name, known) => miss(name, first, known))
    if (open !== null) return { sources: open, shape: null }
  }
  for (const { relation } of scope.items) {
    const column = columnNamed(relation.columns, first)
    if (column !== null) return inner(column, path.slice(1), miss)
  }
  if (first.startsWith('_'))
    for (const { relation } of scope.items) {
      const pseudo = columnNamed(relation.hidden, first)
      if (pseudo !== null) return inner(pseudo, path.slice(1), miss)
    }
  if (item && second === undefined) return rowValue(item.relation)
  return scope.aliases.get(first.toLowerCase()) ?? null
}

function inner({ name, sources, shape = null }: LineageColumn, rest: readonly Name[], miss: Miss): Value {
  return fieldOf({ sources, shape }, rest, (field, known) => miss(field, name, known))
}

function itemNamed(name: string, scope: Scope): Relation | null {
  for (let each: Scope | null = scope; each !== null; each = each.outer) {
    const item = each.items.find(({ alias }) => alias !== null && sameName(alias, name))
    if (item) return item.relation
  }
  return null
}

/** Whether a name is a table's of the FROM clauses around. */
export function isItem(name: string, scope: Scope): boolean {
  return itemNamed(name, scope) !== null
}
