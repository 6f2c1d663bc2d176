import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { virtualClock, type Clock } from '../../clock.ts'
import { createConnectors } from '../../connectors/index.ts'
import { mapFrom } from '../../connectors/testing/stage.ts'
import { writeJson } from '../../engine/json.ts'
import { createDispatch } from '../server.ts'
import { createPubSubService } from './service.ts'

const place = { project: 'p1', location: 'us-central1' }
const topic = 'projects/p1/topics/news'
const subscription = 'projects/p1/subscriptions/reader'
let clock: Clock
let dir = ''
beforeEach(() => {
  clock = virtualClock(0)
  dir = mkdtempSync(join(tmpdir(), 'dag-pubsub-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

/** Calls a connector over a service that was opened just now on the same folder. */
async function call(name: string, args: object): Promise<Record<string, unknown>> {
  const dispatch = createDispatch([createPubSubService({ dir, clock, place })])
  const connector = createConnectors({ dispatch, ...place })(`googleapis.pubsub.v1.projects.${name}`)
  const context = {
    clock,
    signal: new AbortController().signal,
    environment: () => null,
    currentStep: () => ({ routine: 'main', step: 'call' }),
    countStep: () => undefined,
    inTurn: <T>(work: Promise<T>) => work,
  }
  return JSON.parse(writeJson(await connector!(mapFrom(JSON.stringify(args)), context))) as Record<
    string,
    unknown
  >
}

const publish = (...data: readonly string[]) =>
  call('topics.publish', {
    topic,
    body: { messages: data.map((one) => ({ data: Buffer.from(one).toString('base64') })) },
  })

async function pull(maxMessages = 10): Promise<{ ids: string[]; texts: string[] }> {
  const answer = await call('subscriptions.pull', { subscription, body: { maxMessages } })
  const received = (answer['receivedMessages'] ?? []) as { ackId: string; message: { data: string } }[]
  return {
    ids: received.map(({ ackId }) => ackId),
    texts: received.map(({ message }) => Buffer.from(message.data, 'base64').toString()),
  }
}

async function subscribe(body: object = {}): Promise<void> {
  await call('topics.create', { name: topic, body: {} })
  await publish('before')
  await call('subscriptions.create', { name: subscription, body: { topic, ...body } })
}

test('a subscription gets what is published after it was made, until it is acknowledged', async () => {
  await subscribe()
  expect(await call('subscriptions.pull', { subscription, body: { maxMessages: 1 } })).toEqual({})
  await publish('a', 'b', 'c')
  const first = await pull(2)
  expect(first.texts).toEqual(['a', 'b'])
  expect((await pull()).texts).toEqual(['c'])
  await call('subscriptions.acknowledge', { subscription, body: { ackIds: [first.ids[0]] } })
  await clock.sleep(9_999)
  expect((await pull()).texts).toEqual([])
  await clock.sleep(1)
  const again = await pull()
  expect(again.texts).toEqual(['b', 'c'])
  // Too late: the message was handed out again meanwhile.
  await call('subscriptions.acknowledge', { subscription, body: { ackIds: [first.ids[1]] } })
  await call('subscriptions.modifyAckDeadline', {
    subscription,
    body: { ackIds: again.ids, ackDeadlineSeconds: 0 },
  })
  expect((await pull()).texts).toEqual(['b', 'c'])
})

test('topics and subscriptions are listed and deleted', async () => {
  await subscribe({ ackDeadlineSeconds: 60, labels: { a: 'b' } })
  expect(await call('subscriptions.get', { subscription })).toEqual({
    name: subscription,
    topic,
    ackDeadlineSeconds: 60,
    labels: { a: 'b' },
    state: 'ACTIVE',
  })
  expect(await call('topics.list', { project: 'projects/p1' })).toEqual({ topics: [{ name: topic }] })
  expect(await call('topics.subscriptions.list', { topic })).toEqual({ subscriptions: [subscription] })
  expect(await call('subscriptions.list', { project: 'projects/p1' })).toMatchObject({
    subscriptions: [{ name: subscription }],
  })
  await call('topics.delete', { topic })
  await expect(publish('x')).rejects.toThrow('code 404')
  expect(await call('subscriptions.get', { subscription })).toMatchObject({ topic: '_deleted-topic_' })
  await call('subscriptions.delete', { subscription })
  await expect(call('subscriptions.get', { subscription })).rejects.toThrow('code 404')
})

test.each([
  ['topics.create', { name: topic, body: {} }, 409],
  ['topics.create', { name: 'projects/p1/topics/x', body: {} }, 400],
  ['topics.create', { name: 'projects/p1/topics/google', body: {} }, 400],
  ['topics.publish', { topic, body: { messages: [{ data: '?' }] } }, 400],
  ['topics.publish', { topic, body: { messages: [{ data: 1 }] } }, 400],
  ['topics.publish', { topic, body: { messages: [{}] } }, 400],
  ['topics.publish', { topic, body: { messages: [{ text: 'x' }] } }, 400],
  ['topics.publish', { topic, body: { messages: [{ data: 'YQ==', attributes: { n: 1 } }] } }, 400],
  ['subscriptions.create', { name: subscription, body: { topic } }, 409],
  ['subscriptions.create', { name: `${subscription}2`, body: { topic: `${topic}2` } }, 404],
  ['subscriptions.create', { name: `${subscription}2`, body: { topic, ackDeadlineSeconds: 5 } }, 400],
  ['subscriptions.create', { name: `${subscription}2`, body: { topic, filter: 'a' } }, 400],
  [
    'subscriptions.create',
    { name: `${subscription}2`, body: { topic, pushConfig: { pushEndpoint: 'https://x' } } },
    400,
  ],
  ['subscriptions.pull', { subscription, body: {} }, 400],
  ['subscriptions.acknowledge', { subscription, body: {} }, 400],
])('%s refuses %j', async (name, args, status) => {
  await subscribe()
  await expect(call(name, args)).rejects.toThrow(`code ${status}`)
})
