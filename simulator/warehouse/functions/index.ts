import { arrayFunctions } from './array.ts'
import { conditionalFunctions } from './conditional.ts'
import { conversionFunctions } from './conversion.ts'
import { type FunctionEntry, table } from './define.ts'
import { hashFunctions } from './hash.ts'
import { jsonFunctions } from './json.ts'
import { mathFunctions } from './math.ts'
import { regexpFunctions } from './regexp.ts'
import { stringFunctions } from './string.ts'
import { temporalFunctions } from './temporal.ts'

/** Every scalar function that signatures can describe; those with syntax of their own are in special.ts. */
export const scalars: ReadonlyMap<string, FunctionEntry> = table(
  arrayFunctions,
  conditionalFunctions,
  conversionFunctions,
  hashFunctions,
  jsonFunctions,
  mathFunctions,
  regexpFunctions,
  stringFunctions,
  temporalFunctions,
)
