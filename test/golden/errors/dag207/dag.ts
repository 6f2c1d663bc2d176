import { dag, text } from 'dagwright'
import { tell } from '../../contracts.ts'

export default dag('dag207', { description: 'Inputs that JSON cannot carry' }, ({ task }) => {
  task('load', tell, { value: { since: new Date(0), big: 1n } })
  // @ts-expect-error not an object
  task('load_none', tell, null)
  // @ts-expect-error a map is no part of a text
  task('load_text', tell, { note: text`of ${{ day: '2026-01-01' }}` })
})
