import { concatenations } from './expression-text.ts'
import { assign, expr, step, type Step, type Value } from './language.ts'

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
): UpstreamArgument {
  const texts = concatenations(parts, ', ')
  const [whole] = texts
  if (whole === undefined) return { steps: [], value: null }
  if (texts.length === 1) return { steps: [], value: expr(whole) }
  const variable = `upstream_${task}`
  const pairs = texts.map(
    (text, index) => [variable, expr(index === 0 ? text : `${variable} + ${text}`)] as const,
  )
  return { steps: [step(unique(variable), assign(pairs))], value: expr(variable) }
}
