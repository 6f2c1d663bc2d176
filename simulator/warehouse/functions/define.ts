import { coerce, commonType } from '../analyze/coerce.ts'
import type { Typed } from '../analyze/typed.ts'
import { SqlProblem } from '../../../sql/problem.ts'
import {
  arrayOf,
  isGroupable,
  isOrderable,
  isScalar,
  sameType,
  scalarNamed,
  type Type,
} from '../types/type.ts'

/** What an emitter gets besides its arguments' SQL. */
export interface EmitContext {
  /** The arguments after coercion; absent optional ones are left out. */
  readonly args: readonly Typed[]
  readonly at: number
  /** `CURRENT_TIMESTAMP()` in milliseconds. */
  readonly now: number
}

export type Emit = (args: readonly string[], context: EmitContext) => string

/** A type of a signature: a type, `T` (any), `O` (any that can be ordered), `G` (any that can be grouped), or an array of these. */
type Pattern =
  | { readonly kind: 'exact'; readonly type: Type }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'array'; readonly element: Pattern }

interface Parameter {
  readonly pattern: Pattern
  readonly mode: 'one' | 'optional' | 'many'
  /** `=x`: only a constant. */
  readonly constant: boolean
}

export interface Signature {
  readonly text: string
  readonly parameters: readonly Parameter[]
  readonly result: Pattern
  readonly emit: Emit
}

/** A function of the table: a name and what it does for each list of argument types. */
export interface FunctionEntry {
  readonly name: string
  readonly signatures: readonly Signature[]
}

/**
 * `define('LPAD', 'STRING, INT64, STRING? -> STRING', emit)`. `?` marks an optional and `...` a repeated last
 * parameter; `T` stands for one type throughout.
 */
export function define(names: string, signature: string, emit: Emit): FunctionEntry[] {
  const [left, right] = signature.split('->')
  const parameters = left!.trim() === '' ? [] : left!.split(',').map((part) => parseParameter(part.trim()))
  const parsed: Signature = { text: signature, parameters, result: parsePattern(right!.trim()), emit }
  return names.split(' ').map((name) => ({ name, signatures: [parsed] }))
}

function parseParameter(text: string): Parameter {
  const mode = text.endsWith('...') ? 'many' : text.endsWith('?') ? 'optional' : 'one'
  const bare = text.replace(/(\.\.\.|\?)$/, '')
  return { pattern: parsePattern(bare.replace(/^=/, '')), mode, constant: bare.startsWith('=') }
}

function parsePattern(text: string): Pattern {
  const array = /^ARRAY<(.*)>$/.exec(text)
  if (array) return { kind: 'array', element: parsePattern(array[1]!) }
  const type = scalarNamed(text)
  return type ? { kind: 'exact', type } : { kind: 'variable', name: text }
}

/** Entries of one name become one. */
export function table(...entries: readonly (readonly FunctionEntry[])[]): Map<string, FunctionEntry> {
  const result = new Map<string, FunctionEntry>()
  for (const entry of entries.flat()) {
    const known = result.get(entry.name)
    result.set(
      entry.name,
      known ? { name: entry.name, signatures: [...known.signatures, ...entry.signatures] } : entry,
    )
  }
  return result
}

export interface Match {
  readonly signature: Signature
  readonly args: readonly Typed[]
  readonly result: Type
}

/** The signature that fits the arguments with the fewest coercions. */
export function choose(entry: FunctionEntry, args: readonly Typed[], at: number): Match | null {
  let best: (Match & { cost: number }) | null = null
  for (const signature of entry.signatures) {
    const match = fit(signature, args, at)
    if (match && (!best || match.cost < best.cost)) best = match
  }
  return best
}

function fit(signature: Signature, args: readonly Typed[], at: number): (Match & { cost: number }) | null {
  const patterns = expand(signature.parameters, args.length)
  if (!patterns) return null
  const variables = bindVariables(patterns, args, at)
  if (!variables) return null
  const coerced: Typed[] = []
  let cost = 0
  for (const [i, parameter] of patterns.entries()) {
    const wanted = substitute(parameter.pattern, variables)
    const value = wanted && tryCoerce(args[i]!, wanted, at)
    if (!value || (parameter.constant && !args[i]!.literal)) return null
    if (args[i]!.literal?.kind !== 'null' && !sameType(args[i]!.type, wanted))
      cost += args[i]!.literal ? 1 : 2
    coerced.push(value)
  }
  const result = substitute(signature.result, variables)
  return result ? { signature, args: coerced, result, cost } : null
}

/** Literals that do not read as the wanted type are no match; the refusal names the function. */
function tryCoerce(value: Typed, type: Type, at: number): Typed | null {
  try {
    return coerce(value, type, at)
  } catch (error) {
    if (error instanceof SqlProblem) return null
    throw error
  }
}

function expand(parameters: readonly Parameter[], count: number): Parameter[] | null {
  const last = parameters.at(-1)
  const required = parameters.filter((p) => p.mode === 'one').length
  if (count < required || (last?.mode === 'many' && count < parameters.length)) return null
  if (last?.mode === 'many') {
    const fixed = parameters.slice(0, -1)
    return [...fixed, ...Array.from({ length: count - fixed.length }, () => last)].slice(
      0,
      Math.max(count, 0),
    )
  }
  return count <= parameters.length ? parameters.slice(0, count) : null
}

function bindVariables(
  patterns: readonly Parameter[],
  args: readonly Typed[],
  at: number,
): Map<string, Type> | null {
  const uses = new Map<string, Typed[]>()
  for (const [i, { pattern }] of patterns.entries()) {
    const arg = args[i]!
    if (pattern.kind === 'variable') push(uses, pattern.name, arg)
    if (pattern.kind === 'array' && pattern.element.kind === 'variable') {
      if (arg.literal?.kind === 'null') continue
      if (arg.type.kind !== 'array') return null
      const items = arg.literal?.kind === 'array' ? arg.literal.items : []
      if (items.length > 0) for (const item of items) push(uses, pattern.element.name, item)
      else push(uses, pattern.element.name, { sql: 'NULL', type: arg.type.element })
    }
  }
  const bound = new Map<string, Type>()
  for (const [name, values] of uses) {
    const type = commonType(values, at)
    if (name === 'O' && type && isScalar(type, 'BIGNUMERIC')) return null
    if (!type || (name === 'O' && !isOrderable(type)) || (name === 'G' && !isGroupable(type))) return null
    bound.set(name, type)
  }
  return bound
}

function push(uses: Map<string, Typed[]>, name: string, value: Typed): void {
  uses.set(name, [...(uses.get(name) ?? []), value])
}

function substitute(pattern: Pattern, variables: ReadonlyMap<string, Type>): Type | null {
  if (pattern.kind === 'exact') return pattern.type
  if (pattern.kind === 'variable') return variables.get(pattern.name) ?? scalarNamed('INT64')!
  const element = substitute(pattern.element, variables)
  return element && element.kind !== 'array' ? arrayOf(element) : null
}
