import type { Frame } from './frame.ts'
import type { Task } from './task.ts'
import type { RuntimeValue } from './value.ts'

/** A compiled value. Only expressions that call a subworkflow can suspend. */
export type Evaluator = PlainEvaluator | SuspendingEvaluator

export interface PlainEvaluator {
  readonly kind: 'plain'
  readonly evaluate: (frame: Frame) => RuntimeValue
  /** Set where the value does not depend on anything. */
  readonly constant?: RuntimeValue
}

interface SuspendingEvaluator {
  readonly kind: 'suspending'
  readonly evaluate: (frame: Frame) => Task<RuntimeValue>
}

export function constant(value: RuntimeValue): PlainEvaluator {
  return { kind: 'plain', evaluate: () => value, constant: value }
}

export function plainly(evaluate: (frame: Frame) => RuntimeValue): PlainEvaluator {
  return { kind: 'plain', evaluate }
}

/** Evaluates within a task, whichever kind it is. */
export function* evaluate(evaluator: Evaluator, frame: Frame): Task<RuntimeValue> {
  return evaluator.kind === 'plain' ? evaluator.evaluate(frame) : yield* evaluator.evaluate(frame)
}

/** A value made of others, which are evaluated in order first. */
export function combine(
  parts: readonly Evaluator[],
  apply: (values: RuntimeValue[], frame: Frame) => RuntimeValue,
): Evaluator {
  if (parts.every((part) => part.kind === 'plain')) {
    const [first, second] = parts
    if (first === undefined) return plainly((frame) => apply([], frame))
    if (second === undefined) return plainly((frame) => apply([first.evaluate(frame)], frame))
    return plainly((frame) => {
      const values: RuntimeValue[] = []
      for (const part of parts) values.push(part.evaluate(frame))
      return apply(values, frame)
    })
  }
  return {
    kind: 'suspending',
    evaluate: function* (frame) {
      const values: RuntimeValue[] = []
      for (const part of parts) values.push(yield* evaluate(part, frame))
      return apply(values, frame)
    },
  }
}
