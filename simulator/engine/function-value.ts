import type { StandardFunction } from '../stdlib/function.ts'
import type { Routine } from './step.ts'
import type { RuntimeValue } from './value.ts'

/**
 * A function as a value. Workflows has them only as retry predicates, so they are no part of `RuntimeValue`:
 * they can be passed along inside the engine and are refused wherever a value leaves it.
 */
export class FunctionValue {
  readonly callee: StandardFunction | Routine

  constructor(callee: StandardFunction | Routine) {
    this.callee = callee
  }
}

export function functionValue(callee: StandardFunction | Routine): RuntimeValue {
  return new FunctionValue(callee) as unknown as RuntimeValue
}

export function asFunction(value: RuntimeValue | undefined): FunctionValue | null {
  const candidate: unknown = value
  return candidate instanceof FunctionValue ? candidate : null
}
