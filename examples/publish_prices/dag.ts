import { dag, z } from 'dagwright'
import { computePrices, sendPrices } from '../contracts.ts'

/** An approval: a person looks at the new prices before the shops get them. */
export default dag(
  'publish_prices',
  {
    description: 'Computes the prices of a region and sends them to its shops',
    params: z.object({ region: z.enum(['north', 'south']) }),
  },
  ({ params, task, approval }) => {
    const prices = task('compute_prices', computePrices, { region: params.region })
    const approved = approval(
      'approve_prices',
      { message: 'Send the new prices to the shops?', onReject: 'skip', onTimeout: 'fail' },
      { after: prices, timeout: '12h' },
    )
    task('send_prices', sendPrices, { object: prices.object }, { after: approved })
  },
)
