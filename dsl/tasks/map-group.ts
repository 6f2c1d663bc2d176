import type { GroupHandle } from '../handle.ts'
import { callerOf } from '../location.ts'
import { schemaOfValues } from '../literal-schema.ts'
import { readMapping, type MappingOptions } from '../mapping-input.ts'
import type { OrderOptions } from '../options.ts'
import { checkKeys } from '../problems.ts'
import { makeRef, refOf, type Ref } from '../ref.ts'
import { elementOf, type Schema } from '../schema.ts'
import type { Scope } from '../scope.ts'
import type { ListInput } from '../zip.ts'

export type MapGroupOptions = OrderOptions & MappingOptions

/**
 * Repeats all tasks of a group for every item of a list; at most 1,000 items. Instance by instance, the tasks follow
 * each other without waiting for other instances. Airflow: `@task_group … .expand(…)`.
 *
 * Inside, `item` is the instance's item, and references to other tasks of the group are to the same instance. Outside,
 * `outputsOf(member)` is the list of what all instances give, and coming after the group means after all of them.
 *
 * @example
 * const days = mapGroup('days', list.days, (day) => {
 *   const fetched = task('fetch_day', fetchDay, { day })
 *   return task('load_day', loadDay, { objects: fetched.objects })
 * })
 * task('summarise', summarise, { loads: outputsOf(days.value) })
 */
export type DeclareMapGroup = <Item, T>(
  id: string,
  list: ListInput<Item>,
  build: (item: Ref<Item>) => T,
  options?: MapGroupOptions,
) => GroupHandle<T>

export function mapGroupKind(scope: Scope): DeclareMapGroup {
  const mapGroup: DeclareMapGroup = <Item, T>(
    id: string,
    list: ListInput<Item>,
    declare: (item: Ref<Item>) => T,
    options: MapGroupOptions = {},
  ) => {
    const at = callerOf(mapGroup)
    const what = `group ${id}`
    checkKeys(options, ['after', 'maxConcurrent', 'tolerateFailed'], what, scope.problems, at)
    const after = scope.readAfter(options.after, what, at)
    const { mapping } = readMapping(refOf(list) ? list : [...(list as readonly unknown[])], options, {
      contract: null,
      place: scope.inputPlace(what, at),
      pool: null,
      pools: scope.pools,
      rule: 'all_success',
      group: scope.mappedGroup(),
    })
    const { element, stored } = itemOf(list)
    return scope.within({ id, mapped: true, at }, (path) => {
      scope.addGroup({ path, mapping, after, at })
      const item = makeRef<Item>(scope.owner, { source: { kind: 'item', group: path }, path: [] }, element, {
        stored,
      })
      const handle = Object.freeze({ value: declare(item) }) as GroupHandle<T>
      return scope.addHandle(handle, { kind: 'group', id: path })
    })
  }
  return mapGroup
}

/** What an item is like, and what of it may stand in storage: a list of a step's output does as a whole. */
function itemOf(list: unknown): { readonly element: Schema; readonly stored: Schema | null } {
  const reference = refOf(list)
  if (!reference) return { element: schemaOfValues(Array.isArray(list) ? list : []), stored: null }
  return {
    element: elementOf(reference.schema) ?? {},
    stored: reference.of === 'all' ? {} : reference.stored,
  }
}
