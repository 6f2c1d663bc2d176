import { ApiError } from '../errors.ts'

/** https://cloud.google.com/storage/docs/request-preconditions */
export interface Preconditions {
  readonly generationMatch?: number
  readonly generationNotMatch?: number
  readonly metagenerationMatch?: number
  readonly metagenerationNotMatch?: number
}

/** What preconditions are compared with. */
export interface Versioned {
  readonly generation: number
  readonly metageneration: number
}

/** Thrown for a failed `…NotMatch`; an answer without a body. */
export class NotModified extends Error {}

/** Reads `ifGenerationMatch` and its siblings; with `Source`, those about the source of a copy. */
export function readPreconditions(query: URLSearchParams, about: '' | 'Source' = ''): Preconditions {
  const conditions: Record<string, number> = {}
  for (const [property, parameter] of [
    ['generationMatch', `if${about}GenerationMatch`],
    ['generationNotMatch', `if${about}GenerationNotMatch`],
    ['metagenerationMatch', `if${about}MetagenerationMatch`],
    ['metagenerationNotMatch', `if${about}MetagenerationNotMatch`],
  ] as const) {
    const value = readInteger(query, parameter)
    if (value !== undefined) conditions[property] = value
  }
  return conditions
}

/** A query parameter of type int64. */
export function readInteger(query: URLSearchParams, parameter: string): number | undefined {
  const text = query.get(parameter)
  if (text === null || text === '') return undefined
  if (!/^-?\d{1,19}$/.test(text)) {
    throw new ApiError(400, `Invalid value for ${parameter}: ${text}`, {
      reason: 'invalid',
      locationType: 'parameter',
      location: parameter,
    })
  }
  return Number(text)
}

/** A query parameter of type boolean; Python's clients write `True`. */
export function readFlag(query: URLSearchParams, parameter: string): boolean {
  return query.get(parameter)?.toLowerCase() === 'true'
}

/** Throws 412 or `NotModified`. An object that does not exist has generation 0. */
export function checkPreconditions(conditions: Preconditions, current: Versioned | undefined): void {
  const generation = current?.generation ?? 0
  const metageneration = current?.metageneration ?? 0
  const { generationMatch, generationNotMatch, metagenerationMatch, metagenerationNotMatch } = conditions
  if (
    (generationMatch !== undefined && generationMatch !== generation) ||
    (metagenerationMatch !== undefined && metagenerationMatch !== metageneration)
  ) {
    throw new ApiError(412, 'At least one of the pre-conditions you specified did not hold.', {
      reason: 'conditionNotMet',
      locationType: 'header',
      location: 'If-Match',
    })
  }
  if (generationNotMatch === generation || metagenerationNotMatch === metageneration) throw new NotModified()
}
