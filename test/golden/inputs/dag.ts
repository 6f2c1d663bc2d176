import { dag, text, z } from 'dagwright'
import { fetchRows, tell } from '../contracts.ts'

export default dag(
  'inputs',
  {
    description: 'Every form that an input can have',
    params: z.object({
      limit: z.int().default(10),
      filter: z.object({ name: z.string() }).default({ name: 'x' }),
    }),
  },
  ({ run, params, task }) => {
    const rows = task('fetch_rows', fetchRows, { source: 'shop' })
    task('literals', tell, {
      value: {
        text: 'a "quoted" text',
        looks: '${like.an.expression}',
        number: 1,
        half: 0.5,
        no: null,
        yes: true,
        list: [1, []],
      },
    })
    task('references', tell, {
      value: {
        field: rows.objects,
        item: rows.objects[0].object,
        nested: rows.manifest.files[2],
        whole: rows,
        limit: params.limit,
        name: params.filter.name,
        all: params,
      },
    })
    task('run_values', tell, {
      value: [run.runId, run.logicalDate, run.intervalStart, run.intervalEnd, run.date, run.execution],
    })
    task('texts', tell, {
      value: {
        object: text`raw/${run.date}/part-${params.limit}.json`,
        counted: text`${rows.count} rows of "${params.filter.name}"`,
        plain: text`nothing of a run`,
      },
    })
  },
)
