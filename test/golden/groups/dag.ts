import { dag } from 'dagwright'
import { tell } from '../contracts.ts'

export default dag('groups', { description: 'Nested groups, and coming after one' }, ({ task, group }) => {
  const start = task('start', tell, {})
  const marts = group('marts', () => {
    const genre = task('genre', tell, {}, { after: start })
    const inner = group('people', () => ({ actors: task('actors', tell, {}, { after: start }) }))
    return { genre, actors: inner.value.actors }
  })
  task('report', tell, {}, { after: marts })
  task('mail', tell, {}, { after: marts.value.actors })
})
