import type { Comparison, Condition } from './condition.ts'
import { readValue, type InputPlace } from './input.ts'
import { refOf, type Handle } from './ref.ts'
import { describe } from './values.ts'

/**
 * A test that the workflow makes while a run executes: of values that are not known while the DAG is declared.
 * `branch`, `shortCircuit` and sensors take it; a boolean reference may stand alone.
 */
export interface DeclaredCondition {
  readonly kind: 'condition'
  readonly test:
    | {
        readonly kind: 'compare'
        readonly comparison: Comparison
        readonly left: unknown
        readonly right: unknown
      }
    | { readonly kind: 'truth'; readonly value: unknown }
    | { readonly kind: 'all' | 'any'; readonly conditions: readonly unknown[] }
    | { readonly kind: 'not'; readonly condition: unknown }
}

/** What may stand where a condition is expected. */
export type ConditionInput = DeclaredCondition | Handle<boolean | null | undefined>

type Scalar = string | number | boolean | null | undefined

/** The other side of a comparison: one of the values that the left side can take, or a reference of its type. */
type Like<T> = NoInfer<T> | Handle<Widened<NoInfer<T>>>

type Widened<T> = T extends string
  ? string
  : T extends number
    ? number
    : T extends boolean
      ? boolean
      : null | undefined

/**
 * Holds if both are the same text, number or boolean. Null equals only null.
 *
 * @example
 * branch('choose', { cases: { full: eq(params.mode, 'full') }, otherwise: 'delta' })
 */
export function eq<T extends Scalar>(left: Handle<T>, right: Like<T>): DeclaredCondition {
  return compare('eq', left, right)
}

/** Holds if both differ. */
export function ne<T extends Scalar>(left: Handle<T>, right: Like<T>): DeclaredCondition {
  return compare('ne', left, right)
}

/** Holds if the left number is greater. Fails the task if either is null. */
export function gt(left: Handle<number>, right: number | Handle<number>): DeclaredCondition {
  return compare('gt', left, right)
}

/** Holds if the left number is greater or the same. Fails the task if either is null. */
export function gte(left: Handle<number>, right: number | Handle<number>): DeclaredCondition {
  return compare('gte', left, right)
}

/** Holds if the left number is smaller. Fails the task if either is null. */
export function lt(left: Handle<number>, right: number | Handle<number>): DeclaredCondition {
  return compare('lt', left, right)
}

/** Holds if the left number is smaller or the same. Fails the task if either is null. */
export function lte(left: Handle<number>, right: number | Handle<number>): DeclaredCondition {
  return compare('lte', left, right)
}

/** Holds if the value is `true`; null and anything else is not. */
export function isTrue(value: Handle<boolean | null | undefined>): DeclaredCondition {
  return declared({ kind: 'truth', value })
}

/** Holds if every condition holds; the first that does not ends the test. */
export function all(...conditions: readonly [ConditionInput, ...ConditionInput[]]): DeclaredCondition {
  return declared({ kind: 'all', conditions })
}

/** Holds if one condition holds; the first that does ends the test. */
export function any(...conditions: readonly [ConditionInput, ...ConditionInput[]]): DeclaredCondition {
  return declared({ kind: 'any', conditions })
}

/** Holds if the condition does not. */
export function not(condition: ConditionInput): DeclaredCondition {
  return declared({ kind: 'not', condition })
}

/** Reads a condition; `name` is what it is called in messages, such as `case full`. */
export function readCondition(condition: unknown, place: InputPlace, name: string): Condition {
  const read = (value: unknown) => readValue(value, { ...place, inWorkflow: true }, [name])
  if (refOf(condition)) return { kind: 'truth', value: read(condition) }
  if (!isDeclared(condition)) {
    place.problems.add(
      'DAG118',
      `${name} of ${place.what} is ${describe(condition)}, which is no condition`,
      'write eq(value, other), gt, lt, all, any, not …, or a boolean reference: values exist only while a run executes',
    )
    return { kind: 'all', conditions: [] }
  }
  const { test } = condition
  switch (test.kind) {
    case 'compare':
      return {
        kind: 'compare',
        comparison: test.comparison,
        left: read(test.left),
        right: read(test.right),
      }
    case 'truth':
      return { kind: 'truth', value: read(test.value) }
    case 'not':
      return { kind: 'not', condition: readCondition(test.condition, place, name) }
    default:
      return { kind: test.kind, conditions: test.conditions.map((each) => readCondition(each, place, name)) }
  }
}

function compare(comparison: Comparison, left: unknown, right: unknown): DeclaredCondition {
  return declared({ kind: 'compare', comparison, left, right })
}

function declared(test: DeclaredCondition['test']): DeclaredCondition {
  return Object.freeze({ kind: 'condition', test: Object.freeze(test) })
}

function isDeclared(value: unknown): value is DeclaredCondition {
  return (
    typeof value === 'object' &&
    value !== null &&
    refOf(value) === null &&
    (value as DeclaredCondition).kind === 'condition'
  )
}
