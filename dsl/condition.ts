import type { InputValue } from './input.ts'

export type Comparison = 'eq' | 'ne' | 'gt' | 'gte' | 'lt' | 'lte'

/** A test of values that exist only while a run executes, as data; the workflow itself evaluates it. */
export type Condition =
  | {
      readonly kind: 'compare'
      readonly comparison: Comparison
      readonly left: InputValue
      readonly right: InputValue
    }
  /** The value is `true`; null and anything else is not. */
  | { readonly kind: 'truth'; readonly value: InputValue }
  | { readonly kind: 'all' | 'any'; readonly conditions: readonly Condition[] }
  | { readonly kind: 'not'; readonly condition: Condition }

/** Every value that a condition tests. */
export function valuesOf(condition: Condition): readonly InputValue[] {
  switch (condition.kind) {
    case 'compare':
      return [condition.left, condition.right]
    case 'truth':
      return [condition.value]
    case 'not':
      return valuesOf(condition.condition)
    default:
      return condition.conditions.flatMap(valuesOf)
  }
}
