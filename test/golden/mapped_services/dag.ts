import { dag, eq, httpReady, objectExists, outcomesOf, outputsOf, partitionExists, text, z } from 'dagwright'
import { column, model } from 'dagwright'
import { planShops, tell } from '../contracts.ts'

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

/** What the workflow itself does, for each item of a list that a step gives. */
export default dag(
  'mapped_services',
  {
    description: 'Requests, sensors, triggers, approvals and choices per item',
    defaults: { retries: 1, retryDelay: '10s' },
  },
  ({ task, mapGroup, http, sensor, trigger, approval, branch, shortCircuit, empty }) => {
    const planned = task('plan_shops', planShops, {})
    const shops = mapGroup(
      'shops',
      planned.shops,
      (shop) => {
        const exported = sensor('exported', objectExists({ object: text`exports/${shop.id}.csv` }), {
          timeout: '10m',
        })
        const loaded = sensor('loaded', partitionExists(sale, shop.day), { timeout: '10m', after: exported })
        const up = sensor(
          'up',
          httpReady({
            service: 'shops',
            query: { shop: shop.id },
            response: z.object({ shop: z.string().max(20) }),
            until: ({ body }) => eq(body.shop, shop.id),
          }),
          { timeout: '10m', after: loaded },
        )
        const booked = http(
          'book',
          {
            service: 'billing',
            path: text`/shops/${shop.id}`,
            method: 'POST',
            body: { day: shop.day, size: shop.sizes[1], whole: shop },
            response: z.object({ booking: z.string().max(20) }),
          },
          { after: up },
        )
        const ran = trigger('run_prices', {
          dag: 'prices',
          params: { shop: shop.id, booking: booked.body.booking },
          logicalDate: shop.day,
          wait: true,
        })
        const agreed = approval('agree', { message: 'Is that right?' }, { timeout: '1h', after: ran })
        shortCircuit('is_agreed', agreed.approved, { skips: 'direct' })
        const kind = branch(
          'kind',
          { on: shop.kind, cases: ['large'], otherwise: 'other' },
          { after: agreed },
        )
        empty('large', { after: kind.case('large') })
        empty('other', { after: kind.case('other') })
        return { booked, ran, agreed }
      },
      { maxConcurrent: 2 },
    )
    const { booked, agreed } = shops.value
    task(
      'tell_all',
      tell,
      { value: { bookings: outputsOf(booked), answers: outcomesOf(agreed) } },
      { after: shops, triggerRule: 'all_done' },
    )
  },
)
