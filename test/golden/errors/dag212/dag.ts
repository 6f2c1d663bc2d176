import { dag, secret } from 'dagwright'
import { tell } from '../../contracts.ts'

export default dag('dag212', { description: 'A secret as an input' }, ({ task }) => {
  task('tell', tell, { value: { token: secret('shop-token') } })
})
