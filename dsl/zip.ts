import type { Handle, Inputs } from './ref.ts'

/** A list that a run computes, or one that is written out. */
export type ListInput<T> = Handle<readonly T[]> | readonly Inputs<T>[]

declare const fills: unique symbol
declare const names: unique symbol

/** Lists that are walked side by side; `map` takes it. */
export interface Zip<Lists, Fill, Names = keyof Lists> {
  readonly kind: 'zip'
  readonly lists: Lists
  /** Only for the type checker: names that the step does not have are refused, too. */
  readonly [names]?: Names
  /** Only for the type checker. */
  readonly [fills]?: Fill
  readonly fill?: unknown
}

/**
 * Inputs by position: the first instance gets the first item of every list, and so on. Ends with the shortest list, or
 * with `fill` with the longest one, the fill standing in for what is missing. Airflow: `a.zip(b, default=…)`.
 *
 * @example
 * map('copy', copy, zip({ from: list.sources, to: list.targets }, { fill: 'archive' }))
 */
export function zip<const Lists extends Readonly<Record<string, ListInput<unknown>>>, const Fill = never>(
  lists: Lists,
  options: { readonly fill?: Fill } = {},
): Zip<Lists, { readonly [Key in keyof Lists]: Fill }> {
  return Object.freeze({ kind: 'zip', lists, ...options })
}
