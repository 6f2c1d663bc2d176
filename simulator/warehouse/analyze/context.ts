import type { Catalog } from '../catalog/catalog.ts'
import type { Expression, RoutineArgument, TypeSyntax, WindowSpecification } from '../../../sql/syntax.ts'
import type { TableEntry } from '../catalog/entry.ts'
import type { JobRow, TableName } from '../warehouse.ts'
import type { CommonTableScope, Scope } from './scope.ts'
import type { Typed } from './typed.ts'

/** What one statement is analyzed against. */
export interface Context {
  readonly catalog: Catalog
  readonly project: string
  readonly defaultDataset: string | null
  /** Milliseconds; what CURRENT_TIMESTAMP() returns. */
  readonly now: number
  readonly named: ReadonlyMap<string, Typed>
  readonly positional: readonly Typed[]
  /** Script variables and procedure arguments, lower case. */
  readonly variables: ReadonlyMap<string, Typed>
  /** `@@error.message` and the like. */
  readonly system: ReadonlyMap<string, Typed>
  /** Temporary tables of the script. */
  readonly temporary: ReadonlyMap<string, TableEntry>
  readonly temporaryFunctions: ReadonlyMap<string, UserFunction>
  /** Tables that the statement reads, filled by the analysis. */
  readonly referenced: TableName[]
  /** Expanding views, to refuse those that contain themselves. */
  readonly expanding: readonly string[]
  readonly counter: { next: number }
  /** The service's jobs, for INFORMATION_SCHEMA.JOBS. */
  readonly jobs?: () => readonly JobRow[]
}

export interface UserFunction {
  readonly arguments: readonly RoutineArgument[]
  readonly returns: TypeSyntax | null
  readonly body: Expression
  readonly source: string
}

/** Where in a statement an expression stands. */
export interface Env {
  readonly context: Context
  readonly scope: Scope | null
  readonly common: readonly CommonTableScope[]
  readonly windows: ReadonlyMap<string, WindowSpecification>
  /** `WHERE clause` and so on, when aggregates are not allowed there. */
  readonly noAggregates: string | null
  readonly noWindows: string | null
}

export function rootEnv(context: Context): Env {
  return {
    context,
    scope: null,
    common: [],
    windows: new Map(),
    noAggregates: 'this clause',
    noWindows: 'this clause',
  }
}

/** What the query of a view is analyzed against: nothing of the statement or the script around it. */
export function viewContext(context: Context, view: string): Context {
  return {
    ...context,
    defaultDataset: null,
    named: new Map(),
    positional: [],
    variables: new Map(),
    temporary: new Map(),
    temporaryFunctions: new Map(),
    expanding: [...context.expanding, view],
  }
}

export function uniqueName(context: Context, prefix: string): string {
  return `${prefix}${context.counter.next++}`
}

export interface AnalyzedQuery {
  /** A complete SELECT whose columns are named c0, c1 … */
  readonly sql: string
  readonly columns: readonly { readonly name: string | null; readonly type: Typed['type'] }[]
  /** SELECT AS STRUCT / AS VALUE: one column that is the row. */
  readonly valueTable: boolean
  /** Whether a column "o" carries the position of each row, instead of the rows being in order. */
  readonly numbered: boolean
  /** The columns' literals, so that `SELECT NULL UNION ALL SELECT 'a'` and INSERT … SELECT coerce. */
  readonly literals: readonly (Typed['literal'] | undefined)[]
}
