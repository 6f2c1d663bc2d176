import { z } from '../../dsl/index.ts'
import type { CloudService } from '../../simulator/cloud/request.ts'
import { requestOf } from '../bucket.ts'
import type { MockScene } from '../mock-layer.ts'
import { readBody } from './answers.ts'

const waiting = z.object({ url: z.url(), message: z.string() })

/**
 * The person who answers approvals. An approval that waits says so in an object, as `dag approve` finds it: the answer
 * goes to the callback that the object names.
 */
export function approvalService({ stage, clock, dispatch }: MockScene): CloudService {
  return {
    name: 'mocked approvals',
    handle: async (request) => {
      const name = request.method === 'POST' ? (request.query.get('name') ?? '') : ''
      const [, id = '', index = ''] = /^runs\/[^/]+\/[^/]+\/([^/]+)\/(\d+)\/approval\.json$/.exec(name) ?? []
      const task = stage.mocked(id)
      if (task?.kind !== 'approval') return null
      const { url, message } = waiting.parse(readBody(request))
      const attempt = await stage.attempt(task, Number(index), stage.nextTry(id, Number(index)), { message })
      const { outcome } = attempt
      if (outcome.kind === 'answer') {
        const answered = clock.sleep(attempt.delayMs).then(async () => {
          attempt.end(outcome.answer['approved'] === true ? 'success' : 'skipped')
          await dispatch()(
            requestOf('POST', new URL(url).pathname, outcome.answer, { 'content-type': 'application/json' }),
          )
        })
        // A run that ends before the answer comes does not wait for it.
        answered.catch(() => undefined)
      } else attempt.end('timed_out', clock.now() + task.timeoutSeconds * 1000)
      return null
    },
    close: () => Promise.resolve(),
  }
}
