import { createRequire } from 'node:module'
import type * as Library from 're2js'

/** A compiled pattern. */
export type Pattern = Library.RE2JS

let library: typeof Library | undefined

/** The library of regular expressions, loaded with the first use: few workflows need it, and it is large. */
export function re2(): typeof Library {
  library ??= createRequire(import.meta.url)('re2js') as typeof Library
  return library
}
