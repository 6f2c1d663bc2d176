import type { TaskHandle } from '../handle.ts'
import { callerOf } from '../location.ts'
import { nodeKeys, type NodeOptions } from '../options.ts'
import type { Scope } from '../scope.ts'

export type EmptyOptions = NodeOptions

/**
 * Does nothing: a point that others come after, or a join. Airflow: `EmptyOperator`.
 *
 * @example
 * const loaded = empty('loaded', { after: [users, sales], triggerRule: 'none_failed_min_one_success' })
 */
export type DeclareEmpty = (id: string, options?: EmptyOptions) => TaskHandle

export function emptyKind(scope: Scope): DeclareEmpty {
  const empty: DeclareEmpty = (id, options = {}) => {
    const at = callerOf(empty)
    const base = scope.base(id, options, { keys: nodeKeys, timeout: 60, works: false, at })
    scope.add({ ...base, kind: 'empty' })
    return scope.handle(id)
  }
  return empty
}
