import { dag } from 'dagwright'
import { fetchRows, loadRows, tell } from '../contracts.ts'

export default dag(
  'diamond',
  {
    description: 'Two chains side by side, then a join; no schedule',
    defaults: { retries: 1, retryDelay: '10s' },
  },
  ({ task }) => {
    const shop = task('fetch_shop', fetchRows, { source: 'shop' })
    const web = task('fetch_web', fetchRows, { source: 'web' })
    const shopRows = task('load_shop', loadRows, { objects: shop.objects })
    const webRows = task('load_web', loadRows, { objects: web.objects })
    // An edge that others imply: the workflow does not repeat it.
    task('report', tell, { note: 'done' }, { after: [shop, shopRows, webRows] })
  },
)
