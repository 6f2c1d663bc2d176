import type { GroupHandle } from '../handle.ts'
import { callerOf } from '../location.ts'
import type { OrderOptions } from '../options.ts'
import { checkKeys } from '../problems.ts'
import type { Scope } from '../scope.ts'

/**
 * Names a set of tasks; ids inside stay as written. Groups may hold groups. Airflow: `TaskGroup`, without prefixes.
 *
 * @param options what the first tasks of the group come after
 *
 * @example
 * const marts = group('marts', () => ({ sales: build(sales), stock: build(stock) }), { after: raw })
 * task('tell', tell, {}, { after: marts })
 */
export type DeclareGroup = <T>(id: string, build: () => T, options?: OrderOptions) => GroupHandle<T>

export function groupKind(scope: Scope): DeclareGroup {
  const group: DeclareGroup = <T>(id: string, declare: () => T, options: OrderOptions = {}) => {
    const at = callerOf(group)
    const what = `group ${id}`
    checkKeys(options, ['after'], what, scope.problems, at)
    const after = scope.readAfter(options.after, what, at)
    return scope.within({ id, mapped: false, at }, (path) => {
      scope.addGroup({ path, mapping: null, after, at })
      const handle = Object.freeze({ value: declare() }) as GroupHandle<T>
      return scope.addHandle(handle, { kind: 'group', id: path })
    })
  }
  return group
}
