import { DagError } from './errors/dag-error.ts'
import { callerOf } from './location.ts'
import type { Model } from './model.ts'
import { tableId } from './table-name.ts'
import { didYouMean } from './suggest.ts'

declare const columnOf: unique symbol

/** A column of a model in SQL: its name, behind the alias where the reference has one. */
export interface ColumnRef {
  /** Only for the type checker. */
  readonly [columnOf]: true
}

/** A model in SQL, with a member for each of its columns. */
export type ModelRef<Name extends string> = { readonly [Key in Name]: ColumnRef } & {
  /** Only for the type checker. */
  readonly [columnOf]: true
}

export interface ModelReference {
  readonly model: Model
  readonly alias: string | null
  /** Null for the table itself. */
  readonly column: string | null
}

const references = new WeakMap<object, ModelReference>()

/** What a reference stands for, or null where the value is none. */
export function modelReferenceOf(candidate: unknown): ModelReference | null {
  return (typeof candidate === 'object' && candidate !== null && references.get(candidate)) || null
}

const aliasName = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/

/**
 * A model to read from in SQL: `${entry}` is its table (`AS alias`, where an alias is given), `${entry.status}` one of its
 * columns, which is known to the type checker and to the compiler.
 *
 * @param alias name of the table within the statement. @default none
 * @throws DagError on a column that the model does not declare, on the line that names it
 * @example
 * const e = ref(truEntry, 'e')
 * const text = sql`SELECT ${e.entry_id}, ${e.status} FROM ${e} WHERE ${e.active}`
 */
export function ref<Name extends string>(model: Model<Name>, alias: string | null = null): ModelRef<Name> {
  if (model?.kind !== 'model') {
    throw new DagError('DAG410', 'ref(…) is given no model', {
      at: callerOf(ref),
      hint: 'pass what model({ … }) returned',
    })
  }
  if (alias !== null && !aliasName.test(alias)) {
    throw new DagError('DAG410', `alias ${JSON.stringify(alias)} is not usable`, {
      at: callerOf(ref),
      hint: 'letters, digits and underscores, such as e',
    })
  }
  const columns = new Map(
    model.columns.map(({ name }) => [name, reference({ model, alias, column: name })] as const),
  )
  const proxy = new Proxy(Object.freeze({}), {
    get: function get(_target, key) {
      // Whoever prints or awaits it asks for these.
      if (typeof key === 'symbol' || (ignored.has(key) && !columns.has(key))) return undefined
      const column = columns.get(key)
      if (column) return column
      throw new DagError('DAG410', `model ${tableId(model)} has no column "${key}"`, {
        at: callerOf(get),
        hint: didYouMean(key, [...columns.keys()], 'columns'),
      })
    },
  })
  references.set(proxy, { model, alias, column: null })
  return proxy as ModelRef<Name>
}

const ignored: ReadonlySet<string> = new Set(['then', 'toJSON'])

function reference(what: ModelReference): ColumnRef {
  const made = Object.freeze({}) as ColumnRef
  references.set(made, what)
  return made
}
