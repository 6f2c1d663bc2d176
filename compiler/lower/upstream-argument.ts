import { chunks } from '../schedule/width.ts'
import { mostAssignments } from './condition.ts'
import { concatenations } from './expression-text.ts'
import { assign, expr, step, type Step, type Value } from './language.ts'
import type { UpstreamText } from './upstream.ts'

/** The text about the tasks above where a task is called: the argument, and what puts it together before the call. */
export interface UpstreamArgument {
  readonly steps: readonly Step[]
  /** Null where there is nothing above. */
  readonly value: Value | null
}

/** A text that is longer than one expression may be is put together in a step before the call. */
export function upstreamArgument(
  task: string,
  parts: readonly string[],
  unique: (name: string) => string,
  before: UpstreamText['before'] = [],
): UpstreamArgument {
  const texts = concatenations(parts, ', ')
  const [whole] = texts
  if (whole === undefined) return { steps: [], value: null }
  const variable = `upstream_${task}`
  const isShort = texts.length === 1
  const pairs = [
    ...before.map(([name, text]) => [name, expr(text)] as const),
    ...(isShort
      ? []
      : texts.map((text, index) => [variable, expr(index === 0 ? text : `${variable} + ${text}`)] as const)),
  ]
  return {
    steps: chunks(pairs, mostAssignments).map((part) => step(unique(variable), assign(part))),
    value: expr(isShort ? whole : variable),
  }
}
