import { dag, httpReady, model, objectExists, partitionExists, z } from 'dagwright'
import { plan } from '../../contracts.ts'

const days = model({
  layer: 'raw',
  dataset: 'shop_raw',
  table: 'days',
  description: 'One row a day',
  columns: { day: { type: 'DATE', description: 'the day' } },
  primaryKey: ['day'],
  retentionDays: null,
})

export default dag(
  'dag119',
  { description: 'What is not declared completely' },
  ({ task, http, sensor, approval, trigger }) => {
    const made = task('plan', plan, {})
    // @ts-expect-error neither service nor url
    http('nowhere', { path: '/close' })
    // @ts-expect-error both
    http('twofold', { service: 'billing', url: 'https://example.com' })
    http('relative', { service: 'billing', path: 'close' })
    http('no_scheme', { url: 'example.com/close' })
    http('wrong_service', { service: 'Billing Service' })
    http('get_with_body', { service: 'billing', body: { day: made.day } })
    // @ts-expect-error no such method
    http('wrong_method', { service: 'billing', method: 'CLOSE' })
    // @ts-expect-error a reference to a list is no map of texts
    http('wrong_query', { service: 'billing', query: made.pages })
    sensor('no_partition', partitionExists(days, '2026-01-01'))
    sensor('no_object', objectExists({ object: '' }))
    // @ts-expect-error a path is no condition
    sensor('no_condition', 'sales/_SUCCESS')
    sensor(
      'wrong_response',
      httpReady({ url: 'https://example.com', response: z.object({}), path: '/' } as never),
    )
    approval('no_question', { message: ' ' })
    trigger('itself', { dag: 'dag119', wait: true })
  },
)
