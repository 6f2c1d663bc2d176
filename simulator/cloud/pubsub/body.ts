import { ApiError } from '../routes.ts'
import type { Message } from './topics.ts'

type Body = Readonly<Record<string, unknown>>

/** What of a subscription would change how messages are delivered and is not there. */
const UNSERVED = [
  'bigqueryConfig',
  'cloudStorageConfig',
  'deadLetterPolicy',
  'enableExactlyOnceDelivery',
  'filter',
  'messageTransforms',
]

/** Checks the messages of a publish request; throws `ApiError` 400. */
export function readMessages(given: unknown): readonly Omit<Message, 'messageId' | 'publishTime'>[] {
  if (!Array.isArray(given) || given.length === 0) {
    throw new ApiError(400, 'The value for message_count is too small. You must pass at least 1 messages.')
  }
  if (given.length > 1000) {
    throw new ApiError(400, 'The value for message_count is too large. You must pass at most 1000 messages.')
  }
  return given.map((one: unknown) => {
    if (!isRecord(one)) throw invalid('messages')
    const { data, attributes, orderingKey, messageId: _id, publishTime: _time, ...unknown } = one
    for (const name of Object.keys(unknown)) throw unknownName(name, 'messages')
    if (data !== undefined && (typeof data !== 'string' || !isBase64(data))) {
      throw new ApiError(400, "Invalid value at 'messages.data' (TYPE_BYTES), Base64 decoding failed")
    }
    if (attributes !== undefined && !isTextMap(attributes)) throw invalid('messages.attributes')
    if (orderingKey !== undefined && typeof orderingKey !== 'string') throw invalid('messages.orderingKey')
    if ((data === undefined || data === '') && Object.keys(attributes ?? {}).length === 0) {
      throw new ApiError(400, 'Some messages are empty: each needs data or attributes.')
    }
    return {
      ...(data !== undefined && { data }),
      ...(attributes !== undefined && { attributes }),
      ...(orderingKey !== undefined && { orderingKey }),
    }
  })
}

/** Checks a subscription; throws `ApiError` 400, also for what the local cloud could not do. */
export function readSubscription(body: Body): {
  readonly topic: string
  readonly ackDeadlineSeconds: number
  readonly labels?: Readonly<Record<string, string>>
} {
  const { topic, ackDeadlineSeconds = 10, labels, pushConfig } = body
  const served = UNSERVED.find((name) => Boolean(body[name]))
  const isPush = isRecord(pushConfig) && Boolean(pushConfig['pushEndpoint'])
  if (served !== undefined || isPush) {
    const name = served ?? 'pushConfig.pushEndpoint'
    throw new ApiError(400, `The local Pub/Sub serves plain pull subscriptions, without ${name}.`)
  }
  if (typeof topic !== 'string' || !/^projects\/[^/]+\/topics\/[^/]+$/.test(topic)) throw invalid('topic')
  const seconds = ackDeadlineSeconds === 0 ? 10 : ackDeadlineSeconds
  if (typeof seconds !== 'number' || seconds < 10 || seconds > 600) {
    throw new ApiError(400, 'Invalid ack deadline given: it must be between 10 and 600 seconds.')
  }
  if (labels !== undefined && !isTextMap(labels)) throw invalid('labels')
  return { topic, ackDeadlineSeconds: seconds, ...(labels !== undefined && { labels }) }
}

/** A positive whole number, which JSON may write as text. */
export function readCount(body: Body, name: string): number {
  const given = body[name]
  const value = typeof given === 'string' && /^\d+$/.test(given) ? Number(given) : given
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1) {
    throw new ApiError(400, `The value for ${name} is too small. You passed ${JSON.stringify(given ?? 0)}.`)
  }
  return value
}

export function readAckIds(body: Body): readonly string[] {
  const ids = body['ackIds']
  if (!Array.isArray(ids) || ids.length === 0 || !ids.every((id): id is string => typeof id === 'string')) {
    throw new ApiError(400, 'No ack ids specified.')
  }
  return ids
}

function isRecord(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isTextMap(value: unknown): value is Readonly<Record<string, string>> {
  return isRecord(value) && Object.values(value).every((one) => typeof one === 'string')
}

/** Both alphabets are accepted, padded or not. */
function isBase64(text: string): boolean {
  return /^[A-Za-z0-9+/_-]*={0,2}$/.test(text) && text.replace(/=+$/, '').length % 4 !== 1
}

function invalid(at: string): ApiError {
  return new ApiError(400, `Invalid value at '${at}'`)
}

function unknownName(name: string, at: string): ApiError {
  return new ApiError(
    400,
    `Invalid JSON payload received. Unknown name "${name}" at '${at}': Cannot find field.`,
  )
}
