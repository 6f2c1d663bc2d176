import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../clock.ts'
import { readJsonFile, writeJson } from '../files.ts'
import { resolveProject, timestamp, type Place } from '../names.ts'
import type { CloudService } from '../request.ts'
import { ApiError, json, readJson, routes } from '../routes.ts'

export interface PubSubServiceOptions {
  /** `pubsub/` of the state folder: for each topic its messages, one a line. */
  readonly dir: string
  readonly clock: Clock
  readonly place: Place
}

/** Of Pub/Sub topics and what is published to them. https://cloud.google.com/pubsub/docs/reference/rest */
export function createPubSubService({ dir, clock, place }: PubSubServiceOptions): CloudService {
  const folderOf = (project: string, topic: string) => {
    if (!/^[A-Za-z][A-Za-z0-9._~+%-]{2,254}$/.test(topic)) {
      throw new ApiError(400, `Invalid resource name given (name=${topic}).`)
    }
    const own = resolveProject(project, place)
    return join(dir, own === place.project ? topic : `${encodeURIComponent(own)}..${topic}`)
  }
  const find = (project: string, topic: string) => {
    const folder = folderOf(project, topic)
    const found = readJsonFile(join(folder, 'topic.json'))
    if (found === null) throw new ApiError(404, `Resource not found (resource=${topic}).`)
    return { folder, found, messages: join(folder, 'messages.jsonl') }
  }

  const handle = routes([
    {
      method: 'PUT',
      path: '/v1/projects/{project}/topics/{topic}',
      handle: (_request, { project, topic }) => {
        const file = join(folderOf(project, topic), 'topic.json')
        if (existsSync(file)) {
          throw new ApiError(409, `Resource already exists in the project (resource=${topic}).`)
        }
        const created = { name: `projects/${resolveProject(project, place)}/topics/${topic}` }
        writeJson(file, created)
        return json(200, created)
      },
    },
    {
      method: 'GET',
      path: '/v1/projects/{project}/topics/{topic}',
      handle: (_request, { project, topic }) => json(200, find(project, topic).found),
    },
    {
      method: 'POST',
      path: '/v1/projects/{project}/topics/{topic}:publish',
      handle: (request, { project, topic }) => {
        const { messages: file } = find(project, topic)
        const messages = readMessages(readJson(request)['messages'])
        const first = linesOf(file).length + 1
        const publishTime = timestamp(clock.now())
        const kept = messages.map((message, index) => ({
          ...message,
          messageId: String(first + index),
          publishTime,
        }))
        appendFileSync(file, kept.map((message) => `${JSON.stringify(message)}\n`).join(''))
        return json(200, { messageIds: kept.map(({ messageId }) => messageId) })
      },
    },
  ])
  return { name: 'pubsub', handle, close: () => Promise.resolve() }
}

function linesOf(file: string): readonly string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []
}

function readMessages(given: unknown): readonly object[] {
  if (!Array.isArray(given) || given.length === 0) {
    throw new ApiError(400, 'The value for message_count is too small. You must pass at least 1 messages.')
  }
  return given.map((message: unknown) => {
    if (typeof message !== 'object' || message === null || !('data' in message || 'attributes' in message)) {
      throw new ApiError(400, 'Some messages are empty: each needs data or attributes.')
    }
    return message
  })
}
