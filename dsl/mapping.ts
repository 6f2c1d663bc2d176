import type { InputValue } from './input.ts'

/** A list that instances are made from; `input` is the name of the input that gets an item, null for whole inputs. */
export interface MappedList {
  readonly input: string | null
  readonly list: InputValue
}

/** How a task, or a group of tasks, is repeated over lists that a run computes. */
export interface Mapping {
  /**
   * `product`: every combination of the lists' items, the last list varying fastest. `zip`: items by position.
   * `items`: one list whose items are maps of inputs, or whatever the group makes of an item.
   */
  readonly kind: 'product' | 'zip' | 'items'
  readonly lists: readonly MappedList[]
  /** With `zip`: what stands in for items of the shorter lists; null ends with the shortest list. */
  readonly fill: InputValue | null
  /** Instances at work at once; null for as many as Workflows runs. */
  readonly maxConcurrent: number | null
  /** Instances that may fail without the whole counting as failed. */
  readonly tolerateFailed: { readonly kind: 'count' | 'percent'; readonly value: number }
}
