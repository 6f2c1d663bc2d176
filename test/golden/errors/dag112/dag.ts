import { dag } from 'dagwright'

export default dag('dag112', { description: 'A handler is no contract' }, ({ task }) => {
  // @ts-expect-error not a contract
  task('load', () => 42, {})
})
