/** A question that the documentation leaves open, and the answers that can be chosen by name. */
export interface Reading<Choice extends string> {
  readonly question: string
  /** The first is the default. */
  readonly readings: readonly [Choice, ...Choice[]]
  /** Why the first is the default. */
  readonly why: string
}

export function reading<const Choice extends string>(
  question: string,
  readings: readonly [Choice, ...Choice[]],
  why: string,
): Reading<Choice> {
  return { question, readings, why }
}

export type Choices<Table extends Readonly<Record<string, Reading<string>>>> = {
  readonly [Name in keyof Table]: Table[Name]['readings'][number]
}

/** Where the documentation leaves open what is refused at deployment, validation follows one reading of each. */
export const BUILD_READINGS = {
  duplicateSteps: reading(
    'Two steps of one name in a (sub)workflow (a jump to such a name in one list is refused in any case)',
    ['accepted', 'refused'],
    'The page on steps asks for unique names, but Google’s cheat sheet has two sibling steps named `init`.',
  ),
  undeclaredShared: reading(
    'A name in `shared` that nothing around the parallel step assigns',
    ['refused', 'accepted'],
    'Samples that explain `shared` assign first; only the cheat sheet does not.',
  ),
  branchExit: reading(
    'What do `return`, `end` and `break` do in a parallel branch or iteration?',
    ['refused', 'error', 'ends-branch'],
    'No sample of Google’s has one, so refusing at deployment hides nothing that would work.',
  ),
  parallelNesting: reading(
    'Parallel steps nested deeper than two levels in the source, at deployment',
    ['accepted', 'refused'],
    'ParallelNestingError is documented as an error of the execution.',
  ),
} as const

export type BuildReadings = Choices<typeof BUILD_READINGS>

export const defaultBuildReadings: BuildReadings = Object.freeze({
  duplicateSteps: 'accepted',
  undeclaredShared: 'refused',
  branchExit: 'refused',
  parallelNesting: 'accepted',
})
