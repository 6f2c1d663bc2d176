import { dag } from 'dagwright'

export default dag('dag111', { description: 'Nothing to do' }, () => {})
