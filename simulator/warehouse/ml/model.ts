/**
 * A trained linear regression, as the catalogue keeps it. Prediction is `intercept` plus the terms; a numeric term is
 * weight times (value - mean) / deviation, so that a missing value (the mean) adds nothing.
 */
export interface StoredModel {
  readonly dataset: string
  readonly model: string
  readonly label: Input
  /** Columns of the training query (after TRANSFORM) that the model was trained on. */
  readonly inputs: readonly Input[]
  /** Statistics of the inputs, for ML.FEATURE_INFO. */
  readonly statistics: readonly InputStatistics[]
  /** The select list of TRANSFORM, and the columns that it is applied to. */
  readonly transform: { readonly list: string; readonly inputs: readonly Input[] } | null
  readonly terms: readonly Term[]
  readonly intercept: number
  readonly training: TrainingRun
  readonly evaluation: Metrics
  readonly settings: ModelSettings
  readonly description?: string
  readonly friendlyName?: string
  readonly labels: Readonly<Record<string, string>>
  readonly expiresAt?: number
  readonly createdAt: number
  readonly modifiedAt: number
}

export interface Input {
  readonly name: string
  /** BigQuery's type, as INFORMATION_SCHEMA prints it. */
  readonly type: string
}

/** Where a term's value comes from: a column, a field of a STRUCT column, a component of a TIMESTAMP. */
export interface Source {
  readonly column: string
  readonly field?: string
  readonly part?: TimestampPart
}

export type TimestampPart = 'DOM' | 'DOW' | 'MOY' | 'HOD' | 'MOH' | 'WOY' | 'YEAR' | 'UNIX'

export type Term = { readonly name: string; readonly source: Source } & (
  | { readonly kind: 'numeric'; readonly mean: number; readonly deviation: number; readonly weight: number }
  | {
      readonly kind: 'category'
      /** Whether the value is a list of categories (multi-hot) rather than one. */
      readonly many: boolean
      /** A null category stands for NULL. */
      readonly categories: readonly { readonly category: string | null; readonly weight: number }[]
    }
)

export interface InputStatistics extends Input {
  readonly min: number | null
  readonly max: number | null
  readonly mean: number | null
  readonly median: number | null
  readonly stddev: number | null
  readonly categoryCount: number | null
  readonly nullCount: number
}

/** In the order of ML.EVALUATE's columns; null where the rows do not define it. */
export interface Metrics {
  readonly meanAbsoluteError: number | null
  readonly meanSquaredError: number | null
  readonly meanSquaredLogError: number | null
  readonly medianAbsoluteError: number | null
  readonly r2Score: number | null
  readonly explainedVariance: number | null
}

interface TrainingRun {
  readonly loss: number
  /** Null when no rows were kept for evaluation. */
  readonly evalLoss: number | null
  readonly trainingRows: number
  readonly evaluationRows: number
}

type SplitMethod = 'AUTO_SPLIT' | 'RANDOM' | 'CUSTOM' | 'SEQ' | 'NO_SPLIT'

/** What OPTIONS said, defaults filled in. */
export interface ModelSettings {
  readonly label: string | null
  readonly l2: number
  readonly fitIntercept: boolean
  readonly encoding: 'ONE_HOT_ENCODING' | 'DUMMY_ENCODING'
  readonly strategy: 'AUTO_STRATEGY' | 'NORMAL_EQUATION' | 'BATCH_GRADIENT_DESCENT'
  readonly split: SplitMethod
  readonly evalFraction: number
  readonly splitColumn: string | null
}
