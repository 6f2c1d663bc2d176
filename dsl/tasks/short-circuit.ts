import { readCondition, type ConditionInput } from '../condition-input.ts'
import type { TaskHandle } from '../handle.ts'
import { callerOf } from '../location.ts'
import { workKeys, type WorkOptions } from '../options.ts'
import type { Scope } from '../scope.ts'
import { describe } from '../values.ts'

export type ShortCircuitOptions = WorkOptions & {
  /**
   * What is skipped if the condition does not hold. `all`: everything below, whatever its trigger rule. `direct`: the
   * tasks right below; trigger rules decide further down. Teardowns are never skipped by it.
   * Airflow: `ignore_downstream_trigger_rules`, true for `all`.
   */
  readonly skips: 'all' | 'direct'
}

/**
 * Skips what comes after it unless a condition holds. It ends as a success either way.
 * Airflow: `ShortCircuitOperator`.
 *
 * @example
 * const anyNew = shortCircuit('any_new', gt(list.count, 0), { skips: 'all' })
 * task('load', load, { objects: list.objects }, { after: anyNew })
 */
export type DeclareShortCircuit = (
  id: string,
  condition: ConditionInput,
  options: ShortCircuitOptions,
) => TaskHandle

export function shortCircuitKind(scope: Scope): DeclareShortCircuit {
  const shortCircuit: DeclareShortCircuit = (id, condition, options) => {
    const at = callerOf(shortCircuit)
    // Plain JavaScript may leave the options out, although the mode is required.
    const given = options ?? ({} as ShortCircuitOptions)
    const base = scope.base(id, given, { keys: [...workKeys, 'skips'], timeout: 60, works: false, at })
    if (given.skips !== 'all' && given.skips !== 'direct') {
      scope.problems.add(
        'DAG104',
        `task ${id}: skips is ${describe(given.skips)}`,
        "say 'all' (everything below) or 'direct' (the tasks right below; rules decide further down)",
        at,
      )
    }
    scope.add({
      ...base,
      kind: 'short_circuit',
      condition: readCondition(condition, scope.inputPlace(`task ${id}`, at), 'the condition'),
      skips: given.skips ?? 'direct',
    })
    return scope.handle(id)
  }
  return shortCircuit
}
