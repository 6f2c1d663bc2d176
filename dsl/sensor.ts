import type { z } from 'zod'
import type { ConditionInput } from './condition-input.ts'
import type { Model } from './model.ts'
import type { Inputs, Ref } from './ref.ts'
import type { HttpOutput, RequestOptions } from './request.ts'

/** What a sensor waits for; made by `objectExists`, `partitionExists` and `httpReady`. */
export type SensorSpec =
  | {
      readonly kind: 'object_exists'
      readonly bucket: Inputs<string> | undefined
      readonly object: Inputs<string>
    }
  | { readonly kind: 'partition_exists'; readonly model: Model; readonly day: Inputs<string> }
  | {
      readonly kind: 'http_ready'
      readonly request: Readonly<Record<string, unknown>>
      readonly until: ((response: never) => ConditionInput) | undefined
    }

/**
 * There is an object of that name in the run's bucket, or in another one. Airflow: `GCSObjectExistenceSensor`.
 *
 * @example
 * sensor('export_done', objectExists({ bucket: 'shop-exports', object: text`sales/${run.date}/_SUCCESS` }))
 */
export function objectExists({
  bucket,
  object,
}: {
  /** @default the bucket of the run's environment */
  readonly bucket?: Inputs<string>
  readonly object: Inputs<string>
}): SensorSpec {
  return Object.freeze({ kind: 'object_exists', bucket, object })
}

/**
 * The partition of a day holds rows. Airflow: `BigQueryTablePartitionExistenceSensor`.
 *
 * @param day `YYYY-MM-DD`
 *
 * @example
 * sensor('sales_loaded', partitionExists(rawSales, run.date), { timeout: '6h' })
 */
export function partitionExists(model: Model, day: Inputs<string>): SensorSpec {
  return Object.freeze({ kind: 'partition_exists', model, day })
}

export type HttpReadyOptions<Body extends z.ZodObject> = RequestOptions<Body> & {
  /** What the answer has to be like. @default any answer with a status below 400 */
  readonly until?: (response: Ref<HttpOutput<Body>>) => ConditionInput
}

/**
 * A request succeeds, with an answer that passes a test. Airflow: `HttpSensor`.
 *
 * @example
 * sensor('report_ready', httpReady({
 *   url: 'https://reports.example.com/status',
 *   response: z.object({ state: z.enum(['running', 'done']) }),
 *   until: ({ body }) => eq(body.state, 'done'),
 * }))
 */
export function httpReady<Body extends z.ZodObject>(options: HttpReadyOptions<Body>): SensorSpec {
  const { until, ...request } = options
  return Object.freeze({ kind: 'http_ready', request, until })
}
