import { join } from 'node:path'
import type { Clock } from '../../clock.ts'
import { resolveProject, timestamp, type Place } from '../names.ts'
import { page } from '../paging.ts'
import type { CloudRequest, CloudService } from '../request.ts'
import { ApiError, json, readJson, routes } from '../routes.ts'
import { readAckIds, readCount, readMessages, readSubscription } from './body.ts'
import { Subscriptions } from './subscriptions.ts'
import { Topics, type Message, type Topic } from './topics.ts'

export interface PubSubServiceOptions {
  /** `pubsub/` of the state folder: a folder for each topic, and `.subscriptions`. */
  readonly dir: string
  readonly clock: Clock
  readonly place: Place
}

/** Pub/Sub: topics, and subscriptions that are pulled. https://cloud.google.com/pubsub/docs/reference/rest */
export function createPubSubService({ dir, clock, place }: PubSubServiceOptions): CloudService {
  const topics = new Topics(dir, place)
  const subscriptions = new Subscriptions(join(dir, '.subscriptions'), clock)
  const own = (project: string) => resolveProject(project, place)
  const topicName = (params: { readonly project: string; readonly topic: string }) =>
    `projects/${own(params.project)}/topics/${params.topic}`
  const subscriptionName = (params: { readonly project: string; readonly subscription: string }) =>
    `projects/${own(params.project)}/subscriptions/${params.subscription}`
  /** A topic as a subscription names it. */
  const named = (topic: string) =>
    topic.replace(/^projects\/([^/]+)/, (_all, id: string) => `projects/${own(id)}`)

  const publish = (name: string, body: Readonly<Record<string, unknown>>): readonly string[] => {
    topics.get(name)
    const messages = readMessages(body['messages'])
    const first = topics.messages(name).length + 1
    const publishTime = timestamp(clock.now())
    const kept = messages.map((message, index): Message => ({
      ...message,
      messageId: String(first + index),
      publishTime,
    }))
    topics.append(name, kept)
    subscriptions.deliver(name, kept)
    return kept.map(({ messageId }) => messageId)
  }

  const handle = routes([
    {
      method: 'PUT',
      path: '/v1/projects/{project}/topics/{topic}',
      handle: (request, params) => {
        const { labels } = readJson(request) as Pick<Topic, 'labels'>
        return json(200, topics.create({ name: topicName(params), ...(labels !== undefined && { labels }) }))
      },
    },
    {
      method: 'GET',
      path: '/v1/projects/{project}/topics/{topic}',
      handle: (_request, params) => json(200, topics.get(topicName(params))),
    },
    {
      method: 'GET',
      path: '/v1/projects/{project}/topics',
      handle: (request, { project }) => {
        const { items, nextPageToken } = page(topics.list(own(project)), request, pages)
        return json(200, { topics: items, nextPageToken })
      },
    },
    {
      method: 'DELETE',
      path: '/v1/projects/{project}/topics/{topic}',
      handle: (_request, params) => {
        const name = topicName(params)
        topics.delete(name)
        subscriptions.forgetTopic(name)
        return json(200, {})
      },
    },
    {
      method: 'POST',
      path: '/v1/projects/{project}/topics/{topic}:publish',
      handle: (request, params) => json(200, { messageIds: publish(topicName(params), readJson(request)) }),
    },
    {
      method: 'GET',
      path: '/v1/projects/{project}/topics/{topic}/subscriptions',
      handle: (request, params) => {
        const { name: topic } = topics.get(topicName(params))
        const found = subscriptions.list((one) => one.topic === topic)
        const { items, nextPageToken } = page(found, request, pages)
        return json(200, { subscriptions: items.map(({ name }) => name), nextPageToken })
      },
    },
    {
      method: 'PUT',
      path: '/v1/projects/{project}/subscriptions/{subscription}',
      handle: (request, params) => {
        const given = readSubscription(readJson(request))
        const { name: topic } = topics.get(named(given.topic))
        const name = subscriptionName(params)
        return json(200, subscriptions.create({ ...given, name, topic, state: 'ACTIVE' }))
      },
    },
    {
      method: 'GET',
      path: '/v1/projects/{project}/subscriptions/{subscription}',
      handle: (_request, params) => json(200, subscriptions.get(subscriptionName(params))),
    },
    {
      method: 'GET',
      path: '/v1/projects/{project}/subscriptions',
      handle: (request, { project }) => {
        const prefix = `projects/${own(project)}/subscriptions/`
        const found = subscriptions.list(({ name }) => name.startsWith(prefix))
        const { items, nextPageToken } = page(found, request, pages)
        return json(200, { subscriptions: items, nextPageToken })
      },
    },
    {
      method: 'DELETE',
      path: '/v1/projects/{project}/subscriptions/{subscription}',
      handle: (_request, params) => {
        subscriptions.delete(subscriptionName(params))
        return json(200, {})
      },
    },
    {
      method: 'POST',
      path: '/v1/projects/{project}/subscriptions/{subscription}:pull',
      handle: (request, params) => {
        const most = Math.min(readCount(readJson(request), 'maxMessages'), 1000)
        const given = subscriptions.pull(subscriptionName(params), most)
        return json(200, given.length === 0 ? {} : { receivedMessages: given })
      },
    },
    {
      method: 'POST',
      path: '/v1/projects/{project}/subscriptions/{subscription}:acknowledge',
      handle: (request, params) => {
        subscriptions.acknowledge(subscriptionName(params), readAckIds(readJson(request)))
        return json(200, {})
      },
    },
    {
      method: 'POST',
      path: '/v1/projects/{project}/subscriptions/{subscription}:modifyAckDeadline',
      handle: (request, params) => {
        const ids = readAckIds(readJson(request))
        subscriptions.extend(subscriptionName(params), ids, readDeadline(request))
        return json(200, {})
      },
    },
  ])
  return { name: 'pubsub', handle, close: () => Promise.resolve() }
}

const pages = { defaultSize: 100, maxSize: 1000, key: ({ name }: { readonly name: string }) => name }

function readDeadline(request: CloudRequest): number {
  const { ackDeadlineSeconds: seconds } = readJson(request)
  if (typeof seconds !== 'number' || !(seconds >= 0 && seconds <= 600)) {
    throw new ApiError(400, 'Invalid ack deadline given: it must be between 0 and 600 seconds.')
  }
  return seconds
}
