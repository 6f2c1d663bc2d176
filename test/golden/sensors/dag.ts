import { all, column, dag, eq, gt, httpReady, model, objectExists, partitionExists, z } from 'dagwright'
import { plan, tell } from '../contracts.ts'

const sale = model({
  layer: 'raw',
  dataset: 'shop_raw',
  table: 'sale',
  description: 'Sales as another DAG receives them',
  columns: { id: column.required(column.string('id')), day: column.date('reference date') },
  primaryKey: ['id'],
  partitionBy: 'day',
  retentionDays: null,
})

export default dag(
  'sensors',
  {
    description: 'Everything that a sensor can wait for',
    params: z.object({ bucket: z.string().max(60).default('exports') }),
  },
  ({ run, params, task, sensor }) => {
    const planned = task('make_plan', plan, {})
    const marker = sensor('marker', objectExists({ object: 'incoming/_SUCCESS' }), {
      timeout: '10m',
      softFail: true,
    })
    const exported = sensor('exported', objectExists({ bucket: params.bucket, object: planned.day }), {
      timeout: '1h',
      pokeInterval: '7m',
      retries: 1,
      retryDelay: '30s',
    })
    const loaded = sensor('loaded', partitionExists(sale, run.date), { timeout: '2h', pokeInterval: '5m' })
    const ready = sensor(
      'ready',
      httpReady({
        service: 'reports',
        path: '/status',
        query: { day: planned.day },
        response: z.object({ state: z.enum(['running', 'done']), rows: z.int() }),
        until: ({ status, body }) =>
          all(eq(status, 200), eq(body.state, 'done'), gt(body.rows, planned.count)),
      }),
      { timeout: '30m', pokeInterval: '2m' },
    )
    sensor('up', httpReady({ url: 'https://shop.example.com/up' }), { timeout: '5m' })
    task('tell_all', tell, {}, { after: [marker, exported, loaded, ready], triggerRule: 'none_failed' })
  },
)
