import type { Condition, InputValue } from '../dsl/index.ts'

type Fields = Map<string, unknown>

/**
 * An answer for which a condition holds, as far as it compares the answer with values that are written down; null where
 * it asks for more.
 */
export function passingAnswer(condition: Condition): unknown {
  const fields: Fields = new Map()
  if (!pass(condition, true, fields)) return null
  const answer: Record<string, unknown> = {}
  for (const [path, value] of fields) put(answer, path.split('/'), value)
  return answer
}

/** Notes what the answer's fields have to be for the condition to come out as wanted; false where that is not known. */
function pass(condition: Condition, wanted: boolean, fields: Fields): boolean {
  switch (condition.kind) {
    case 'truth':
      return note(condition.value, wanted, fields)
    case 'not':
      return pass(condition.condition, !wanted, fields)
    case 'all':
    case 'any': {
      const every = (condition.kind === 'all') === wanted
      const { conditions } = condition
      return every
        ? conditions.every((one) => pass(one, wanted, fields))
        : conditions.some((one) => pass(one, wanted, fields))
    }
    case 'compare': {
      const { left, right, comparison } = condition
      if (right.kind !== 'literal') return false
      const value = fitting(wanted ? comparison : opposite[comparison], right.value)
      return value !== undefined && note(left, value, fields)
    }
  }
}

const opposite = { eq: 'ne', ne: 'eq', gt: 'lte', lte: 'gt', gte: 'lt', lt: 'gte' } as const

function fitting(comparison: keyof typeof opposite, value: null | boolean | number | string): unknown {
  if (comparison === 'eq') return value
  if (typeof value === 'number') {
    if (comparison === 'gte' || comparison === 'lte') return value
    return comparison === 'lt' ? value - 1 : value + 1
  }
  if (comparison === 'gte' || comparison === 'lte') return value
  if (typeof value === 'boolean') return comparison === 'ne' ? !value : undefined
  if (typeof value === 'string') return comparison === 'lt' ? undefined : `${value}~`
  return undefined
}

function note(input: InputValue, value: unknown, fields: Fields): boolean {
  if (input.kind !== 'ref' || input.ref.source.kind !== 'response') return false
  fields.set(input.ref.path.join('/'), value)
  return true
}

function put(target: Record<string, unknown>, [head = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    target[head] = value
    return
  }
  const inner = (target[head] ?? {}) as Record<string, unknown>
  target[head] = inner
  put(inner, rest, value)
}
