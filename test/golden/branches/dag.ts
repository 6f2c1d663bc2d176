import { all, any, dag, eq, gt, isTrue, lte, ne, not, z } from 'dagwright'
import { fetchRows, plan, tell } from '../contracts.ts'

export default dag(
  'branches',
  {
    description: 'Every way to choose among tasks',
    params: z.object({
      source: z.string().default('shop'),
      regions: z
        .array(z.enum(['north', 'south', 'west']))
        .max(3)
        .default(['north']),
    }),
  },
  ({ params, task, branch, empty }) => {
    const planned = task('make_plan', plan, {})

    const mode = branch('mode', { on: planned.mode, cases: ['full', 'delta'], otherwise: 'rest' })
    const full = task('load_full', fetchRows, { source: 'full' }, { after: mode.case('full') })
    // Below a task of another case: followed with either.
    const delta = task('load_delta', fetchRows, { source: 'delta' }, { after: mode.case('delta') })
    const both = empty('after_load', {
      after: [mode.case('delta'), full],
      triggerRule: 'none_failed_min_one_success',
    })
    empty('rest', { after: mode.case('rest') })
    empty('joined', { after: [both, delta], triggerRule: 'none_failed_min_one_success' })

    const region = branch('region', { on: params.regions, cases: ['north', 'south'] })
    task('tell_north', tell, { note: 'north' }, { after: region.case('north') })
    task('tell_south', tell, { note: 'south' }, { after: region.case('south') })

    const size = branch('size', {
      cases: {
        large: gt(planned.count, 1000),
        small: all(gt(planned.count, 0), lte(planned.count, 1000), not(eq(planned.mode, 'none'))),
        whole: any(isTrue(planned.complete), all(eq(planned.modes[0], 'full'), ne(planned.modes[1], 'none'))),
      },
      otherwise: 'nothing',
    })
    const large = empty('large', { after: size.case('large') })
    empty('small', { after: size.case('small') })
    empty('whole', { after: [size.case('whole'), large], triggerRule: 'none_failed' })
    empty('nothing', { after: size.case('nothing') })
    task('tell_size', tell, { value: size.chosen }, { after: size })
  },
)
