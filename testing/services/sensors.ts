import type { CloudService } from '../../simulator/cloud/request.ts'
import type { MockScene } from '../mock-layer.ts'
import { endOf } from '../stage.ts'
import { errorAnswer, jsonAnswer } from './answers.ts'

/** What mocked sensors find when they look for an object. */
export function sensorService({ stage, taskOf, clock }: MockScene): CloudService {
  return {
    name: 'mocked sensors',
    handle: async (request) => {
      const [, bucket, object] =
        (request.method === 'GET' && /^\/storage\/v1\/b\/([^/]+)\/o\/(.+)$/.exec(request.path)) || []
      const id = bucket === undefined ? null : taskOf(request)
      const task = id === null ? null : stage.mocked(id)
      if (object === undefined || task?.kind !== 'sensor' || task.condition.kind !== 'object') return null
      const name = decodeURIComponent(object)
      const attempt = await stage.attempt(task, 0, stage.nextTry(task.id, 0), { bucket, object: name })
      const { outcome } = attempt
      attempt.end(endOf(outcome), clock.now())
      if (outcome.kind === 'error') {
        return errorAnswer(
          typeof outcome.code === 'number' ? outcome.code : 403,
          'forbidden',
          outcome.message,
        )
      }
      const early = stage.elapsed(task.id) < attempt.delayMs
      const isThere = outcome.kind === 'answer' && outcome.answer['ready'] === true && !early
      if (!isThere) return errorAnswer(404, 'notFound', `No such object: ${bucket}/${name}`)
      return jsonAnswer({
        kind: 'storage#object',
        name,
        bucket,
        generation: '1',
        metageneration: '1',
        size: '0',
        metadata: {},
      })
    },
    close: () => Promise.resolve(),
  }
}
