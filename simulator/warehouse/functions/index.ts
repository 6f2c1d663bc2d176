import { arrayFunctions } from './array.ts'
import { bytesFunctions } from './bytes.ts'
import { conditionalFunctions } from './conditional.ts'
import { conversionFunctions } from './conversion.ts'
import { type FunctionEntry, table } from './define.ts'
import { hashFunctions } from './hash.ts'
import { intervalFunctions } from './intervals.ts'
import { jsonFunctions } from './json.ts'
import { mathFunctions } from './math.ts'
import { netFunctions } from './net.ts'
import { regexpFunctions } from './regexp.ts'
import { stringFunctions } from './string.ts'
import { temporalFunctions } from './temporal.ts'

/** The scalar functions that signatures can describe, as BigQuery's documentation groups them. */
export const scalarFamilies: Readonly<Record<string, readonly FunctionEntry[]>> = {
  Array: arrayFunctions,
  Bytes: bytesFunctions,
  Conditional: conditionalFunctions,
  Conversion: conversionFunctions,
  Hash: hashFunctions,
  Interval: intervalFunctions,
  JSON: jsonFunctions,
  Mathematical: mathFunctions,
  Net: netFunctions,
  'Regular expression': regexpFunctions,
  String: stringFunctions,
  'Date and time': temporalFunctions,
}

/** The same by name; functions with syntax of their own are in special.ts. */
export const scalars: ReadonlyMap<string, FunctionEntry> = table(...Object.values(scalarFamilies))
