import { dag, type Ref } from 'dagwright'
import { fetchPage, plan, tell } from '../../contracts.ts'

export default dag('dag116', { description: 'Mappings that cannot be made' }, ({ task, map, mapGroup }) => {
  const made = task('plan', plan, {})
  // @ts-expect-error a number is no list
  map('no_list', fetchPage, { page: made.count })
  map('nothing', tell, {})
  map('too_long', fetchPage, { page: Array.from({ length: 1001 }, (_, page) => page) })
  map('always', fetchPage, { page: made.pages }, { triggerRule: 'always' })
  map(
    'same_twice',
    fetchPage,
    { page: made.pages },
    {
      // @ts-expect-error given by the mapping already
      partial: { page: 1 },
    },
  )
  mapGroup('pages', made.pages, (page) => {
    map('inner', fetchPage, { page: [page] })
    mapGroup('inner_group', made.names, (name) => task('tell', tell, { note: name }))
    task('not_waiting', tell, {}, { triggerRule: 'always' })
  })
  mapGroup('no_items', made.note as unknown as Ref<string[]>, () => task('tell_again', tell, {}))
})
