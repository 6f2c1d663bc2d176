/**
 * How the rows of a model's SELECT get into its table. Every mode is idempotent: the same run twice leaves the same rows.
 * `Name` are columns of the model.
 */
export type WriteMode<Name extends string = string> =
  Append | ReplacePartition | Merge<Name> | History<Name> | Snapshot<Name> | View

export interface Append {
  readonly kind: 'append'
  /** Days before the run within which a key may be known already; null looks at the whole table. */
  readonly lookBackDays: number | null
}

export interface ReplacePartition {
  readonly kind: 'replace_partition'
}

export interface Merge<Name extends string = string> {
  readonly kind: 'merge'
  /** Column that tells which state is newer; null goes by the run. */
  readonly newer: Name | null
  /** Columns whose change alone is no change. */
  readonly ignore: readonly Name[]
  readonly gone: Gone<Name>
}

export interface History<Name extends string = string> {
  readonly kind: 'history'
  readonly validFrom: Name
  readonly validTo: Name
  readonly current: Name
  readonly ignore: readonly Name[]
  /** Whether a row that a complete SELECT lacks is closed, and among which rows it is missed. */
  readonly closeGone: boolean
  readonly within: readonly Name[]
}

export interface Snapshot<Name extends string = string> {
  readonly kind: 'snapshot'
  readonly per: readonly Name[]
}

export interface View {
  readonly kind: 'view'
}

/** What becomes of rows that a SELECT lacks. */
export type Gone<Name extends string = string> =
  | { readonly kind: 'keep' }
  | { readonly kind: 'delete'; readonly within: readonly Name[] }
  | {
      readonly kind: 'deactivate'
      readonly flag: Name
      readonly at: Name
      readonly within: readonly Name[]
    }

export interface AppendOptions {
  /**
   * How many days before the run a row may have been loaded already. Older partitions are not looked at, which is cheaper;
   * a row that comes again after longer is there twice then. @default the whole table
   */
  readonly lookBackDays?: number
}

export interface MergeOptions<Name extends string> {
  /**
   * A column that tells which of two states is newer, such as the source's `updated_at`. @default the reference date of the
   * run: a run of an older day changes nothing that a newer one has written
   */
  readonly newer?: Name
  /** Columns that change without the row having changed, such as a time of request. @default [] */
  readonly ignore?: readonly Name[]
  /** What becomes of rows that the SELECT lacks. @default they stay */
  readonly gone?: Gone<Name>
}

export interface HistoryOptions<Name extends string> {
  /** TIMESTAMP from which on the values hold; part of the primary key. @default 'valid_from' */
  readonly validFrom?: Name
  /** TIMESTAMP up to which they held; null while they hold. @default 'valid_to' */
  readonly validTo?: Name
  /** BOOL; whether they hold. @default 'is_current' */
  readonly current?: Name
  /** Columns that change without the row having changed. @default [] */
  readonly ignore?: readonly Name[]
  /**
   * Closes rows that the SELECT lacks: all, or those that share these columns with a row that is there. A row with
   * `_complete` FALSE says that the SELECT may lack rows. @default they stay
   */
  readonly gone?: { readonly within?: readonly Name[] }
}

export interface SnapshotOptions<Name extends string> {
  /**
   * Columns that say whose rows they are: of each that the SELECT names, all rows are replaced. A row whose other key
   * columns are null says that there are none. @default [], the whole table is replaced
   */
  readonly per?: readonly Name[]
}

const keep: Gone<never> = Object.freeze({ kind: 'keep' })

/**
 * Write modes of models. What all of them write themselves: `_load_id`, `_loaded_at`, and the partition column with the
 * date of the run where the SELECT has no such column.
 *
 * @example
 * const latest = write.merge({ gone: write.deactivate({ flag: 'active', at: 'removed_at' }) })
 */
export const write = Object.freeze({
  /** Adds rows whose primary key is not there yet. */
  append: ({ lookBackDays }: AppendOptions = {}): Append =>
    Object.freeze({ kind: 'append', lookBackDays: lookBackDays ?? null }),
  /** Writes the partition of the run anew, or each partition that the SELECT has rows of. */
  replacePartition: (): ReplacePartition => Object.freeze({ kind: 'replace_partition' }),
  /** One row per primary key, its latest state. A row changes where the hash of its values does. */
  merge: <const Name extends string = never>(options: MergeOptions<Name> = {}): Merge<Name> =>
    Object.freeze({
      kind: 'merge',
      newer: options.newer ?? null,
      ignore: Object.freeze([...(options.ignore ?? [])]),
      gone: options.gone ?? keep,
    }),
  /** Of `merge`: rows that are gone are deleted; among all rows, or those that share these columns with a row that is there. */
  delete: <const Name extends string = never>(
    options: { readonly within?: readonly Name[] } = {},
  ): Gone<Name> => Object.freeze({ kind: 'delete', within: Object.freeze([...(options.within ?? [])]) }),
  /**
   * Of `merge`: rows that are gone stay, with `flag` FALSE and `at` the day of the first run that lacked them. A row with
   * `_complete` FALSE says that the SELECT may lack rows.
   */
  deactivate: <const Name extends string>(options: {
    /** BOOL; whether the row is there. */
    readonly flag: Name
    /** TIMESTAMP; since when it is not. */
    readonly at: Name
    /** Columns that a gone row shares with one that is there. @default [], any row will do */
    readonly within?: readonly Name[]
  }): Gone<Name> =>
    Object.freeze({
      kind: 'deactivate',
      flag: options.flag,
      at: options.at,
      within: Object.freeze([...(options.within ?? [])]),
    }),
  /** Every state that a key has had, with from when to when (type 2). It moves forward only: an older day changes nothing. */
  history: <const Name extends string = 'valid_from' | 'valid_to' | 'is_current'>(
    options: HistoryOptions<Name> = {},
  ): History<Name> =>
    Object.freeze({
      kind: 'history',
      validFrom: options.validFrom ?? ('valid_from' as Name),
      validTo: options.validTo ?? ('valid_to' as Name),
      current: options.current ?? ('is_current' as Name),
      ignore: Object.freeze([...(options.ignore ?? [])]),
      closeGone: options.gone !== undefined,
      within: Object.freeze([...(options.gone?.within ?? [])]),
    }),
  /** The rows of the newest SELECT, of the whole table or of each owner of rows. */
  snapshot: <const Name extends string = never>(options: SnapshotOptions<Name> = {}): Snapshot<Name> =>
    Object.freeze({ kind: 'snapshot', per: Object.freeze([...(options.per ?? [])]) }),
  /** Nothing is stored: readers run the SELECT. Building it runs its tests. */
  view: (): View => Object.freeze({ kind: 'view' }),
})
