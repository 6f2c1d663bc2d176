import type { Condition } from '../../dsl/condition.ts'
import type { InputValue } from '../../dsl/index.ts'
import { refText } from '../../dsl/ref.ts'
import { uniqueNames } from '../names.ts'
import { chunks } from '../schedule/width.ts'
import { longestExpression } from './expression-text.ts'
import { assign, expr, step, type Step, type Value } from './language.ts'
import { lowerInput, quoted, readRef } from './value.ts'

/** https://cloud.google.com/workflows/quotas: assignments in one step. */
export const mostAssignments = 50

/** A text longer than this is handed over beside the values: an expression has room for few of them. */
const longestInline = 60

/** Values that a condition tests and that its task is given: `main` knows them, the task's subworkflow does not. */
export interface Operands {
  /** What the task is given under each name. */
  readonly entries: readonly (readonly [string, InputValue])[]
  /** The expression for a value in the task's subworkflow. */
  readonly textOf: (value: InputValue) => string
}

/** Names of a request's parts, which stand beside the values that its answer is tested against. */
const requestNames = ['path', 'url', 'query', 'headers', 'body']

/** Names what conditions test after where it comes from: `input.plan_mode`. */
export function operandsOf(values: readonly InputValue[]): Operands {
  const unique = uniqueNames(requestNames)
  const names = new Map<string, readonly [string, InputValue]>()
  for (const value of values) {
    const key = JSON.stringify(value)
    if (inlineText(value) === null && !names.has(key)) names.set(key, [unique(nameOf(value)), value])
  }
  return {
    entries: [...names.values()],
    textOf: (value) => inlineText(value) ?? `input.${names.get(JSON.stringify(value))?.[0] ?? ''}`,
  }
}

/** The operands as `main` hands them over. */
export function operandValues({ entries }: Operands): readonly (readonly [string, Value])[] {
  return entries.map(([name, value]) => [name, lowerInput(value, 'workflow')] as const)
}

function inlineText(value: InputValue): string | null {
  if (value.kind === 'ref') return value.ref.source.kind === 'response' ? readRef(value.ref) : null
  if (value.kind !== 'literal') return null
  if (typeof value.value === 'string') return value.value.length > longestInline ? null : quoted(value.value)
  if (typeof value.value === 'number' && !/^-?\d+(\.\d+)?$/.test(String(value.value))) return null
  return String(value.value)
}

function nameOf(value: InputValue): string {
  const name = value.kind === 'ref' ? refText(value.ref) : value.kind
  return name.replaceAll(/[^A-Za-z0-9]+/g, '_').replace(/_$/, '')
}

/** Named conditions, each the value of a variable; a long one takes several assignments. */
export function testSteps(
  name: string,
  tests: readonly (readonly [variable: string, condition: Condition])[],
  operands: Operands,
  further: readonly (readonly [string, Value])[] = [],
): readonly Step[] {
  const parts: number[] = []
  const fresh = () => `part_${parts.push(parts.length)}`
  const all = tests.flatMap(([variable, condition]) =>
    assignments(condition, { target: variable, guard: null, fresh, operands }),
  )
  return chunks([...all, ...further], mostAssignments).map((part, index) =>
    step(index === 0 ? name : `${name}_${index + 1}`, assign(part)),
  )
}

interface Place {
  readonly target: string
  /** A variable: where it is false the condition is not to be looked at, whatever the target becomes. */
  readonly guard: string | null
  readonly fresh: () => string
  readonly operands: Operands
}

type Assignments = readonly (readonly [string, Value])[]

/** `and` and `or` stop at the first condition that decides; conditions that take several expressions do so as well. */
function assignments(condition: Condition, place: Place): Assignments {
  const { target, guard, fresh } = place
  const whole = textOf(condition, place.operands)
  const guarded = guard === null ? whole : `${guard} and (${whole})`
  const isLeaf = condition.kind === 'compare' || condition.kind === 'truth'
  if (isLeaf || guarded.length <= longestExpression) return [[target, expr(guarded)]]
  if (condition.kind === 'not') {
    const part = fresh()
    return [...assignments(condition.condition, { ...place, target: part }), [target, expr(`not(${part})`)]]
  }
  const isAll = condition.kind === 'all'
  const start = isAll ? (guard ?? 'true') : guard === null ? 'false' : `not(${guard})`
  const list: (readonly [string, Value])[] = [[target, expr(start)]]
  let joined = target
  const flush = () => {
    if (joined !== target) list.push([target, expr(joined)])
    joined = target
  }
  for (const each of condition.conditions) {
    const text = ` ${isAll ? 'and' : 'or'} ${partText(each, place.operands)}`
    if (joined.length + text.length > longestExpression) flush()
    if (joined.length + text.length <= longestExpression) joined += text
    else {
      const [go, part] = [fresh(), fresh()]
      list.push([go, expr(isAll ? target : `not(${target})`)])
      list.push(...assignments(each, { ...place, target: part, guard: go }))
      joined += ` ${isAll ? 'and' : 'or'} ${part}`
    }
  }
  flush()
  return list
}

function textOf(condition: Condition, operands: Operands): string {
  switch (condition.kind) {
    case 'truth': {
      const value = operands.textOf(condition.value)
      return `get_type(${value}) == "boolean" and ${value}`
    }
    case 'not':
      return `not(${textOf(condition.condition, operands)})`
    case 'compare': {
      const [left, right] = [operands.textOf(condition.left), operands.textOf(condition.right)]
      const { comparison } = condition
      const withNull = (comparison === 'eq' || comparison === 'ne') && (left === 'null' || right === 'null')
      if (withNull) return `${left} ${comparison === 'eq' ? '==' : '!='} ${right}`
      return `compare(${left}, ${quoted(comparison)}, ${right})`
    }
    default: {
      if (condition.conditions.length === 0) return String(condition.kind === 'all')
      const word = condition.kind === 'all' ? ' and ' : ' or '
      return condition.conditions.map((each) => partText(each, operands)).join(word)
    }
  }
}

function partText(condition: Condition, operands: Operands): string {
  const text = textOf(condition, operands)
  const isOne = condition.kind === 'compare' || condition.kind === 'not'
  return isOne ? text : `(${text})`
}
