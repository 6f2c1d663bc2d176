import { cron, dag, outputsOf } from 'dagwright'
import { bookTill, countTill, listShops, reportTills } from '../contracts.ts'

/** A mapped group: the same two tasks for every shop, each shop on its own. */
export default dag(
  'close_shops',
  {
    description: 'Counts and books the tills of all shops at the end of the day',
    schedule: cron('0 22 * * mon-sat', 'America/Sao_Paulo'),
  },
  ({ run, task, mapGroup }) => {
    const list = task('list_shops', listShops, {})
    const shops = mapGroup(
      'shops',
      list.shops,
      (shop) => {
        const till = task('count_till', countTill, { shop, day: run.date })
        return task('book_till', bookTill, { shop, cents: till.cents })
      },
      { maxConcurrent: 10 },
    )
    task('report_tills', reportTills, { bookings: outputsOf(shops.value) }, { triggerRule: 'all_done' })
  },
)
