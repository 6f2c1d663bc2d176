/** Where the documentation leaves open what is refused at deployment, validation follows one reading of each. */
export interface BuildReadings {
  /** Google's cheat sheet has two sibling steps of one name; a jump to such a name is refused in any case. */
  readonly duplicateSteps: 'accepted' | 'refused'
  /** `return`, `end` and `break` in a parallel branch or iteration: no sample of Google's has one. */
  readonly branchExits: 'refused' | 'accepted'
  /** ParallelNestingError is documented as an error of the execution. */
  readonly parallelNesting: 'accepted' | 'refused'
}

export const defaultBuildReadings: BuildReadings = Object.freeze({
  duplicateSteps: 'accepted',
  branchExits: 'refused',
  parallelNesting: 'accepted',
})
