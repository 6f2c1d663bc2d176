import type { Metrics } from './model.ts'

/** ML.EVALUATE's columns for a regression, in its order. */
export const metricNames = [
  'mean_absolute_error',
  'mean_squared_error',
  'mean_squared_log_error',
  'median_absolute_error',
  'r2_score',
  'explained_variance',
] as const

/**
 * One row c0 … c5 from rows with the label `y` and the prediction `p`. The logarithmic error is NULL where a label or
 * prediction is -1 or less.
 */
export function metricsSql(source: string): string {
  const log = `CASE WHEN min(least(y, p)) <= -1 THEN NULL ELSE avg(pow(ln(greatest(y, -0.999999999999) + 1) - ln(greatest(p, -0.999999999999) + 1), 2)) END`
  const spread = 'nullif(var_pop(y), 0)'
  return `SELECT avg(abs(y - p)) AS c0, avg(pow(y - p, 2)) AS c1, ${log} AS c2, median(abs(y - p)) AS c3, 1 - avg(pow(y - p, 2)) / ${spread} AS c4, 1 - var_pop(y - p) / ${spread} AS c5 FROM (${source}) WHERE y IS NOT NULL`
}

export function metricsOf(row: readonly unknown[]): Metrics {
  const [a, b, c, d, e, f] = row.map((cell) => (cell === null || cell === undefined ? null : Number(cell)))
  return {
    meanAbsoluteError: a ?? null,
    meanSquaredError: b ?? null,
    meanSquaredLogError: c ?? null,
    medianAbsoluteError: d ?? null,
    r2Score: e ?? null,
    explainedVariance: f ?? null,
  }
}

export function metricValues(metrics: Metrics): (number | null)[] {
  return [
    metrics.meanAbsoluteError,
    metrics.meanSquaredError,
    metrics.meanSquaredLogError,
    metrics.medianAbsoluteError,
    metrics.r2Score,
    metrics.explainedVariance,
  ]
}
