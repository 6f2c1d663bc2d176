import { column, cron, dag, model, quality, sql, write } from 'dagwright'
import { fetchRows, loadRows } from '../contracts.ts'

const { array, date, int64, json, required, string, struct, timestamp } = column

const rawSale = model({
  layer: 'raw',
  dataset: 'shop_raw',
  table: 'sale',
  description: 'Sales as received',
  columns: {
    object: required(string('name of the object')),
    payload: json('body'),
    day: date('reference date'),
  },
  primaryKey: ['object'],
  partitionBy: 'day',
  retentionDays: null,
})

const rejected = model({
  layer: 'tru',
  dataset: 'shop_tru',
  table: 'rejected',
  description: 'Sales that were refused',
  columns: {
    object: string('where it came from'),
    rule: string('what refused it'),
    loaded_at: timestamp('when'),
  },
  primaryKey: ['object', 'rule'],
  partitionBy: 'loaded_at',
  retentionDays: 1825,
})

const parsed = sql`SELECT object, JSON_VALUE(payload, '$.title') AS title FROM ${rawSale} WHERE day = reference_date`

const truSale = model({
  layer: 'tru',
  dataset: 'shop_tru',
  table: 'sale',
  description: 'Sales, one row each',
  columns: {
    object: required(string('name of the object')),
    title: struct('of the film', { original: string('in its own language'), short: string('as shown') }),
    tags: array(string('tags')),
    sold: int64('copies'),
  },
  primaryKey: ['object'],
  clusterBy: ['object'],
  retentionDays: null,
  sql: (self) => sql`
    INSERT INTO ${rejected} SELECT object, 'title', run_time FROM (${parsed}) WHERE title IS NULL;

    MERGE ${self} AS t USING (${parsed}) AS s ON t.object = s.object
    WHEN NOT MATCHED THEN INSERT (object) VALUES (s.object)
  `,
  writes: [rejected],
})

const dmtRejected = model({
  layer: 'dmt',
  dataset: 'shop_dmt',
  table: 'rejected',
  description: 'Refused sales by rule',
  columns: { rule: string('what refused them'), total: int64('how many'), day: date('reference date') },
  primaryKey: ['day', 'rule'],
  partitionBy: 'day',
  retentionDays: 730,
  write: write.replacePartition(),
  sql: sql`SELECT rule, COUNT(*) AS total FROM ${rejected} GROUP BY rule`,
  tests: [quality.notNull('rule', { severity: 'warn' })],
})

export default dag(
  'models',
  {
    description: 'A step fills a table, models build on it and on each other',
    schedule: cron('30 2 * * mon-fri', 'Etc/UTC'),
    defaults: { retries: 2, retryDelay: '1m', timeout: '30m' },
    maxActiveRuns: 2,
  },
  ({ run, task, build }) => {
    const rows = task('fetch_rows', fetchRows, { source: 'shop', date: run.date })
    task('load_rows', loadRows, { objects: rows.objects }, { writes: [rawSale] })
    build(truSale)
    build(dmtRejected, { id: 'count_rejected', timeout: '10m' })
  },
)
