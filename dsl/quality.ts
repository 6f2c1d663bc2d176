import type { ColumnRef } from './model-ref.ts'
import { modelReferenceOf } from './model-ref.ts'
import { DagError } from './errors/dag-error.ts'
import { callerOf } from './location.ts'
import type { Duration } from './duration.ts'
import type { SqlText } from './sql.ts'
import type { Model } from './model.ts'

/** A failed test stops the model before its rows are visible, or is told only. */
export type Severity = 'stop' | 'warn'

/** Which rows a test looks at: those that the run brings, or the whole table as they leave it. */
type TestScope = 'rows' | 'table'

export type TestRule =
  | { readonly kind: 'not_null'; readonly column: string }
  | { readonly kind: 'unique'; readonly columns: readonly string[] }
  | {
      readonly kind: 'accepted_values'
      readonly column: string
      readonly values: readonly (string | number | boolean)[]
    }
  | { readonly kind: 'relationship'; readonly column: string; readonly model: Model; readonly field: string }
  | { readonly kind: 'row_count'; readonly min: number | null; readonly max: number | null }
  | { readonly kind: 'freshness'; readonly column: string; readonly within: Duration }
  | { readonly kind: 'expression'; readonly name: string; readonly condition: SqlText }

/** A test of a model's rows. */
export interface QualityTest {
  readonly rule: TestRule
  readonly severity: Severity
  readonly on: TestScope
}

export interface TestOptions {
  /** @default 'stop' */
  readonly severity?: Severity
  /** @default 'rows' */
  readonly on?: TestScope
}

const test = (rule: TestRule, { severity = 'stop', on = 'rows' }: TestOptions = {}): QualityTest =>
  Object.freeze({ rule: Object.freeze(rule), severity, on })

/**
 * Quality tests of models. That the primary key is there and is unique is tested always.
 *
 * @example
 * tests: [quality.notNull('status'), quality.acceptedValues('status', ['open', 'done'], { severity: 'warn' })]
 */
export const quality = Object.freeze({
  /** The column is never null. */
  notNull: (column: string, options?: TestOptions): QualityTest =>
    test({ kind: 'not_null', column }, options),
  /** No two rows share these columns. */
  unique: (columns: string | readonly string[], options?: TestOptions): QualityTest =>
    test({ kind: 'unique', columns: typeof columns === 'string' ? [columns] : [...columns] }, options),
  /** The column holds one of these values, or null. */
  acceptedValues: (
    column: string,
    values: readonly (string | number | boolean)[],
    options?: TestOptions,
  ): QualityTest => test({ kind: 'accepted_values', column, values: [...values] }, options),
  /** Each value of the column, but null, stands in a column of another model: `ref(media).media_id`. */
  relationship: (column: string, target: ColumnRef, options?: TestOptions): QualityTest => {
    const reference = modelReferenceOf(target)
    if (!reference?.column) {
      throw new DagError('DAG418', 'relationship(…) is given no column of a model', {
        at: callerOf(quality.relationship),
        hint: "such as quality.relationship('media_id', ref(media).media_id)",
      })
    }
    return test({ kind: 'relationship', column, model: reference.model, field: reference.column }, options)
  },
  /** How many rows there are. */
  rowCount: (range: { readonly min?: number; readonly max?: number }, options?: TestOptions): QualityTest =>
    test({ kind: 'row_count', min: range.min ?? null, max: range.max ?? null }, options),
  /** The newest value of a DATE or TIMESTAMP column is at most so long before the end of the run's interval. */
  freshness: (column: string, within: Duration, options?: TestOptions): QualityTest =>
    test({ kind: 'freshness', column, within }, options),
  /** A condition that holds for every row; null counts as holding. */
  expression: (name: string, condition: SqlText, options?: TestOptions): QualityTest =>
    test({ kind: 'expression', name, condition }, options),
})
