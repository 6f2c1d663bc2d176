import { z } from '../../dsl/index.ts'
import type { CloudService } from '../../simulator/cloud/request.ts'
import type { MockScene } from '../mock-layer.ts'
import { readBody } from './answers.ts'

const jobRun = z.object({
  overrides: z.object({
    containerOverrides: z.array(
      z.object({ env: z.array(z.object({ name: z.string(), value: z.string() })) }),
    ),
  }),
})
const stepRun = z.object({ task: z.string(), map_index: z.number(), try: z.number() })

/** Notes the tries of tasks that run for real; answers nothing. */
export function observer({ stage, taskOf }: MockScene): CloudService {
  return {
    name: 'observed tasks',
    handle: (request) => {
      const task = request.method === 'POST' ? taskOf(request) : null
      if (task === null || stage.mocked(task) !== null) return Promise.resolve(null)
      if (/^\/v2\/.+\/jobs\/[^/]+:run$/.test(request.path)) {
        const { env } = jobRun.parse(readBody(request)).overrides.containerOverrides[0] ?? { env: [] }
        const value = (name: string): unknown =>
          JSON.parse(env.find((one) => one.name === name)?.value ?? 'null')
        const run = stepRun.parse(value('DAG_RUN'))
        stage.real(task, run.map_index, run.try, value('DAG_INPUT') ?? undefined)
      } else if (/^\/bigquery\/v2\/.+\/jobs$/.test(request.path)) {
        stage.real(task, 0, stage.nextTry(task, 0), undefined)
      }
      return Promise.resolve(null)
    },
    close: () => Promise.resolve(),
  }
}
