import type { Expression } from '../expression/syntax.ts'
import type { Position } from '../position.ts'
import type { StepBody, Value } from '../syntax.ts'

/** An expression of a step body, with the words that errors use for it. */
export interface PlacedExpression {
  readonly expression: Expression
  readonly source: string
  readonly what: string
  readonly position?: Position | undefined
}

/** The expressions that a body evaluates itself; not those of bodies inside it. */
export function* expressionsOf(body: StepBody): Generator<PlacedExpression> {
  switch (body.kind) {
    case 'assign':
      for (const { target, value, position } of body.assignments) {
        for (const expression of target.path) {
          yield { expression, source: target.source, what: `assignment target '${target.source}'`, position }
        }
        yield* within(value, 'assignment value', position)
      }
      return
    case 'call':
      if (body.args !== undefined) yield* within(body.args, 'call arguments')
      return
    case 'switch':
      for (const { condition, position } of body.conditions) yield* within(condition, 'condition', position)
      return
    case 'for':
      yield* within(body.loop.in, 'loop list', body.loop.position)
      yield* within(body.loop.range, 'loop range', body.loop.position)
      return
    case 'parallel':
      yield* within(body.concurrencyLimit, 'concurrency limit')
      yield* within(body.loop?.in, 'loop list', body.loop?.position)
      yield* within(body.loop?.range, 'loop range', body.loop?.position)
      return
    case 'try':
      if (body.retry?.kind === 'policy') yield* within(body.retry.policy, 'retry policy', body.retry.position)
      if (body.retry?.kind === 'retry') {
        const { predicate, maxRetries, backoff, initialDelay, maxDelay, multiplier, position } = body.retry
        yield* within(predicate, 'retry predicate', position)
        yield* within(maxRetries, 'max_retries', position)
        for (const delay of [backoff, initialDelay, maxDelay, multiplier])
          yield* within(delay, 'backoff', position)
      }
      return
    case 'raise':
      yield* within(body.value, 'raise value')
      return
    case 'return':
      yield* within(body.value, 'return value')
      return
    default:
  }
}

function* within(value: Value | undefined, what: string, around?: Position): Generator<PlacedExpression> {
  switch (value?.kind) {
    case 'expression':
      yield { expression: value.expression, source: value.source, what, position: value.position ?? around }
      return
    case 'list':
      for (const item of value.items) yield* within(item, what, around)
      return
    case 'map':
      for (const { key, value: item } of value.entries) {
        if (typeof key !== 'string') yield* within(key, what, around)
        yield* within(item, what, around)
      }
      return
    default:
  }
}
