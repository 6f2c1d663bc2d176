/**
 * Where the documentation leaves open what is refused at deployment, validation follows one reading of each; the
 * first is the default.
 */
export const buildReadings = Object.freeze({
  /** Google's cheat sheet has two sibling steps of one name; a jump to such a name is refused in any case. */
  duplicateSteps: ['accepted', 'refused'],
  /** `return`, `end` and `break` in a parallel branch or iteration: no sample of Google's has one. */
  branchExits: ['refused', 'accepted'],
  /** ParallelNestingError is documented as an error of the execution. */
  parallelNesting: ['accepted', 'refused'],
} as const)

export type BuildReadings = {
  readonly [Name in keyof typeof buildReadings]: (typeof buildReadings)[Name][number]
}

export const defaultBuildReadings: BuildReadings = Object.freeze({
  duplicateSteps: 'accepted',
  branchExits: 'refused',
  parallelNesting: 'accepted',
})
