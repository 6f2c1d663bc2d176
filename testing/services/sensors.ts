import type { SensorTask } from '../../dsl/index.ts'
import type { CloudRequest, CloudResponse, CloudService } from '../../simulator/cloud/request.ts'
import type { MockScene } from '../mock-layer.ts'
import { endOf } from '../stage.ts'
import { errorAnswer, jsonAnswer } from './answers.ts'

/** What mocked sensors find when they look for an object or a partition; those that ask over HTTP: ./http.ts. */
export function sensorService(scene: MockScene): CloudService {
  const { stage, taskOf } = scene
  return {
    name: 'mocked sensors',
    handle: async (request) => {
      const id = taskOf(request)
      const task = id === null ? null : stage.mocked(id)
      if (task?.kind !== 'sensor') return null
      if (task.condition.kind === 'object') return objectLook(task, request, scene)
      return task.condition.kind === 'partition' ? partitionLook(task, request, scene) : null
    },
    close: () => Promise.resolve(),
  }
}

async function objectLook(
  task: SensorTask,
  request: CloudRequest,
  scene: MockScene,
): Promise<CloudResponse | null> {
  const [, bucket, object] =
    (request.method === 'GET' && /^\/storage\/v1\/b\/([^/]+)\/o\/(.+)$/.exec(request.path)) || []
  if (object === undefined) return null
  const name = decodeURIComponent(object)
  const look = await lookOnce(task, { bucket, object: name }, scene)
  if (look.kind === 'refused') return look.answer
  if (!look.ready) return errorAnswer(404, 'notFound', `No such object: ${bucket}/${name}`)
  return jsonAnswer({ kind: 'storage#object', name, bucket, generation: '1', metageneration: '1', size: '0' })
}

async function partitionLook(
  task: SensorTask,
  request: CloudRequest,
  scene: MockScene,
): Promise<CloudResponse | null> {
  if (request.method !== 'POST' || !/^\/bigquery\/v2\/.+\/queries$/.test(request.path)) return null
  const { condition } = task
  const table = condition.kind === 'partition' ? `${condition.dataset}.${condition.table}` : ''
  const look = await lookOnce(task, { table }, scene)
  if (look.kind === 'refused') return look.answer
  const rows = look.ready ? [{ f: [{ v: '1' }] }] : []
  return jsonAnswer({
    kind: 'bigquery#queryResponse',
    jobComplete: true,
    totalRows: String(rows.length),
    rows,
  })
}

type Look =
  | { readonly kind: 'looked'; readonly ready: boolean }
  | { readonly kind: 'refused'; readonly answer: CloudResponse }

/** A sensor whose delay is not over finds nothing, and so does one that times out. */
async function lookOnce(task: SensorTask, input: unknown, { stage, clock }: MockScene): Promise<Look> {
  const attempt = await stage.attempt(task, 0, stage.nextTry(task.id, 0), input)
  const { outcome } = attempt
  if (outcome.kind === 'error') {
    attempt.end(endOf(outcome), clock.now())
    const status = typeof outcome.code === 'number' ? outcome.code : 403
    return { kind: 'refused', answer: errorAnswer(status, 'refused', outcome.message) }
  }
  const early = stage.elapsed(task.id) < attempt.delayMs
  const ready = outcome.kind === 'answer' && outcome.answer['ready'] === true && !early
  attempt.end(ready ? 'success' : 'not_ready', clock.now())
  return { kind: 'looked', ready }
}
