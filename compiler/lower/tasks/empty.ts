import { expr, map, returns, step, str } from '../language.ts'
import type { Work } from '../routine.ts'

/** A task that does nothing: it succeeds wherever it runs. */
export const emptyWork: Work = {
  steps: [step('succeeded', returns(map({ state: str('success'), tries: expr('run.try') })))],
  hasInput: false,
  idempotent: true,
}
