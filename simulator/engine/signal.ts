import type { StepList } from './step.ts'
import type { RuntimeValue } from './value.ts'

/** How a block ended, other than by running off its end (undefined). It unwinds to whoever it is meant for. */
export type Signal =
  | { readonly kind: 'return'; readonly value: RuntimeValue }
  | { readonly kind: 'jump'; readonly list: StepList; readonly index: number }
  | { readonly kind: 'break' }
  | { readonly kind: 'continue' }

export const BREAK: Signal = { kind: 'break' }
export const CONTINUE: Signal = { kind: 'continue' }
/** `next: end` ends the (sub)workflow without a value. */
export const END: Signal = { kind: 'return', value: null }
