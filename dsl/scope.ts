import { durationSeconds } from './duration.ts'
import { DagError } from './errors/dag-error.ts'
import type { TaskHandle, TaskRef } from './handle.ts'
import { readHooks } from './hook.ts'
import type { InputPlace } from './input.ts'
import type { Location } from './location.ts'
import { checkId } from './names.ts'
import type { HookOptions, OrderOptions, PoolOption, RetryOptions, RoleOptions } from './options.ts'
import { boundByPools, readPool } from './pool.ts'
import { checkKeys, type Problems } from './problems.ts'
import { outOfReach } from './reach.ts'
import { makeRef, refOf, type RefPath, type RefState } from './ref.ts'
import { checkRetryOptions, retryPolicy, type TimeoutBound } from './retry.ts'
import { readRole } from './role.ts'
import type { Schema } from './schema.ts'
import type { AfterNode, GroupDefinition, TaskDefinition } from './task.ts'
import { asList, describe } from './values.ts'

/** What a DAG gives to all its tasks. */
export interface ScopeOptions {
  readonly dag: string
  readonly defaults: RetryOptions & { readonly pool?: PoolOption }
  readonly pools: Readonly<Record<string, number>>
  readonly problems: Problems
}

export type AnyOptions = OrderOptions &
  RoleOptions &
  HookOptions &
  RetryOptions & { readonly pool?: PoolOption }

/** What one kind of task allows, and where it stands. */
export interface TaskPlace {
  /** Known options. */
  readonly keys: readonly string[]
  /** Seconds of one try where neither the task nor the DAG sets a timeout. */
  readonly timeout: number
  /** Whether it works, instead of deciding or waiting: timeout and pool of the DAG's defaults are for work. */
  readonly works: boolean
  /** The most that `timeout` may be. @default what Cloud Run gives a try */
  readonly longest?: TimeoutBound
  readonly at: Location | null
}

/** The declaration of one DAG while its callback runs: what the functions of all task kinds share. */
export type Scope = ReturnType<typeof makeScope>

export function makeScope({ dag, defaults, pools, problems }: ScopeOptions) {
  const owner = {}
  const tasks: TaskDefinition[] = []
  const setups = new Set<string>()
  const mapped = new Set<string>()
  const groups: GroupDefinition[] = []
  const nodes = new WeakMap<object, AfterNode>()
  const ids = new Map<string, Location | null>()
  const inside: { id: string; mapped: boolean }[] = []
  const mappedGroups = new Map<string, string>()
  let open = true

  /** Path of the enclosing groups up to the mapped one, or null outside of mapped groups. */
  const mappedGroup = (): string | null => {
    const depth = inside.findIndex(({ mapped }) => mapped)
    return depth === -1 ? null : pathOf(inside.slice(0, depth + 1))
  }

  const declareId = (id: string, what: string, at: Location | null) => {
    if (!open) {
      throw new DagError('DAG108', `${what} "${id}" is declared after DAG ${dag} was`, {
        at,
        hint: 'declare tasks and groups inside the callback of dag(…)',
      })
    }
    if (!checkId(id, what, problems, at)) return
    const first = ids.get(id)
    if (first !== undefined) {
      const where = first === null ? '' : `, first on line ${first.line}`
      problems.add('DAG102', `${what} id "${id}" is used twice${where}`, 'give one of them another id', at)
    } else ids.set(id, at)
  }

  const nodeOf = (target: unknown): AfterNode | undefined =>
    typeof target === 'object' && target !== null ? nodes.get(target) : undefined

  const readAfter = (after: unknown, what: string, at: Location | null): readonly AfterNode[] =>
    asList(after).flatMap((target) => {
      const node = nodeOf(target)
      const home = node?.kind === 'case' ? (mappedGroups.get(node.id) ?? null) : null
      if (node && (home === null || home === mappedGroup())) return [node]
      const named = node?.kind === 'case' ? `case ${node.name} of ${node.id}` : describe(target)
      const hint = node
        ? `the branch chooses anew for each instance of group ${home}: come after the group instead`
        : refOf(target)?.owner === owner
          ? 'after takes whole tasks and groups: the input itself already waits for its task'
          : 'pass what task(…), build(…) or group(…) of this DAG returned, or a case of a branch'
      problems.add(
        'DAG302',
        `${what} comes after ${named}, which is no task or group of DAG ${dag}`,
        hint,
        at,
      )
      return []
    })

  const addHandle = <T extends object>(handle: T, target: AfterNode): T => {
    nodes.set(handle, target)
    return handle
  }

  return {
    dag,
    pools,
    owner,
    problems,
    mappedGroup,
    addHandle,
    readAfter,

    /** Checks the id and reads what every kind of task has in common. */
    base(id: string, options: AnyOptions, { keys, timeout, works, longest, at }: TaskPlace) {
      const what = `task ${id}`
      declareId(id, 'task', at)
      checkKeys(options, keys, what, problems, at)
      checkRetryOptions(options, { what, problems, at, longest })
      const home = mappedGroup()
      if (home !== null) mappedGroups.set(id, home)
      const place = { what, problems, at }
      if (home !== null && options.triggerRule === 'always') {
        const hint = 'its instances exist only once the list does: say all_done'
        problems.add('DAG116', `${what} of mapped group ${home} has trigger rule always`, hint, at)
      }
      return {
        id,
        group: inside.length === 0 ? null : pathOf(inside),
        after: readAfter(options.after, what, at),
        ...readRole(options, nodeOf, setups, place),
        retry: retryPolicy(options, defaults),
        timeoutSeconds:
          durationSeconds(options.timeout) ?? (works ? durationSeconds(defaults.timeout) : null) ?? timeout,
        pool: readPool(options.pool ?? (works ? defaults.pool : undefined), pools, place),
        onSuccess: readHooks(options.onSuccess, 'onSuccess', place),
        onFailure: readHooks(options.onFailure, 'onFailure', place),
        writes: [],
        at,
      }
    },

    /** Where the inputs of a task are read. */
    inputPlace(what: string, at: Location | null): InputPlace {
      const here = mappedGroup()
      return {
        what,
        owner,
        problems: placed(problems, at),
        at,
        outOfReach: (reference: RefState) =>
          outOfReach(reference, {
            here,
            groupOf: (id) => mappedGroups.get(id) ?? null,
            isMapped: (id) => mapped.has(id),
          }),
      }
    },

    add(task: TaskDefinition) {
      tasks.push(task)
      if (task.setup) setups.add(task.id)
      if (task.kind === 'step' && task.mapping !== null) mapped.add(task.id)
    },

    /** A task as something to come after, without an output. */
    handle(id: string): TaskHandle {
      return addHandle(Object.freeze({}) as TaskHandle, { kind: 'task', id })
    },

    /** A task with its output; that of a step may stand in storage, field by field. */
    ref<T>(id: string, schema: Schema, heldBy: 'workflow' | 'storage'): TaskRef<T> {
      const reference: RefPath = { source: { kind: 'task', task: id }, path: [] }
      const handle = makeRef<T>(owner, reference, schema, { storedFields: heldBy === 'storage' })
      return addHandle(handle, { kind: 'task', id }) as TaskRef<T>
    },

    /** Runs the callback of a group; `mapping` repeats what it declares. */
    within<T>(group: { id: string; mapped: boolean; at: Location | null }, declare: (path: string) => T): T {
      declareId(group.id, 'group', group.at)
      inside.push(group)
      try {
        return declare(pathOf(inside))
      } finally {
        inside.pop()
      }
    },

    addGroup(group: GroupDefinition) {
      groups.push(group)
    },

    /** Ends the declaration; what is declared later is refused. */
    close() {
      open = false
      return {
        tasks: Object.freeze([...tasks]),
        groups: Object.freeze(boundByPools(groups, tasks, pools)),
      }
    },
  }
}

function pathOf(groups: readonly { readonly id: string }[]): string {
  return groups.map(({ id }) => id).join('.')
}

/** The same list of problems, with another default place. */
function placed(problems: Problems, at: Location | null): Problems {
  return {
    list: problems.list,
    at,
    add: (code, message, hint, place = at) => problems.add(code, message, hint, place),
  }
}
