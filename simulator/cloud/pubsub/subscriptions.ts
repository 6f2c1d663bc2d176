import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../clock.ts'
import { listFolders, readJsonFile, removeTree, writeJson } from '../files.ts'
import { ApiError } from '../routes.ts'
import { checkName, idOf, type Message } from './topics.ts'

/** https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.subscriptions#Subscription */
export interface Subscription {
  readonly name: string
  readonly topic: string
  readonly ackDeadlineSeconds: number
  readonly labels?: Readonly<Record<string, string>>
  readonly state: 'ACTIVE'
}

/** A message until it is acknowledged. */
interface Pending {
  readonly message: Message
  /** How often it was handed out; part of the `ackId`. */
  readonly deliveries: number
  /** Milliseconds; nobody else gets it before. */
  readonly leasedUntil: number
}

interface State {
  readonly subscription: Subscription
  readonly pending: readonly Pending[]
}

/** What a subscription whose topic is gone belongs to. */
const DELETED_TOPIC = '_deleted-topic_'

/** Pull subscriptions, one file each: what was published since they were made and is not acknowledged. */
export class Subscriptions {
  readonly #dir: string
  readonly #clock: Clock

  constructor(dir: string, clock: Clock) {
    this.#dir = dir
    this.#clock = clock
  }

  create(subscription: Subscription): Subscription {
    if (existsSync(this.#file(subscription.name))) {
      const id = idOf(subscription.name)
      throw new ApiError(409, `Resource already exists in the project (resource=${id}).`)
    }
    this.#write({ subscription, pending: [] })
    return subscription
  }

  get(name: string): Subscription {
    return this.#read(name).subscription
  }

  list(accepts: (subscription: Subscription) => boolean): readonly Subscription[] {
    return this.#all()
      .map(({ subscription }) => subscription)
      .filter(accepts)
  }

  delete(name: string): void {
    this.#read(name)
    removeTree(join(this.#file(name), '..'))
  }

  /** Adds what was published to a topic. */
  deliver(topic: string, messages: readonly Message[]): void {
    for (const { subscription, pending } of this.#all()) {
      if (subscription.topic !== topic) continue
      const added = messages.map((message): Pending => ({ message, deliveries: 0, leasedUntil: 0 }))
      this.#write({ subscription, pending: [...pending, ...added] })
    }
  }

  forgetTopic(topic: string): void {
    for (const { subscription, pending } of this.#all()) {
      if (subscription.topic === topic)
        this.#write({ subscription: { ...subscription, topic: DELETED_TOPIC }, pending })
    }
  }

  /** Hands out messages that nobody holds; they come again when they are not acknowledged in time. */
  pull(name: string, most: number): readonly Readonly<Record<string, unknown>>[] {
    const { subscription, pending } = this.#read(name)
    const now = this.#clock.now()
    const given: Readonly<Record<string, unknown>>[] = []
    const left = pending.map((one): Pending => {
      if (given.length === most || one.leasedUntil > now) return one
      const deliveries = one.deliveries + 1
      given.push({ ackId: `${one.message.messageId}:${deliveries}`, message: one.message })
      return { ...one, deliveries, leasedUntil: now + subscription.ackDeadlineSeconds * 1000 }
    })
    if (given.length > 0) this.#write({ subscription, pending: left })
    return given
  }

  /** An `ackId` whose message was handed out again meanwhile changes nothing. */
  acknowledge(name: string, ackIds: readonly string[]): void {
    const { subscription, pending } = this.#read(name)
    this.#write({ subscription, pending: pending.filter((one) => !ackIds.includes(ackIdOf(one))) })
  }

  /** Zero seconds give the messages back at once. */
  extend(name: string, ackIds: readonly string[], seconds: number): void {
    const { subscription, pending } = this.#read(name)
    const leasedUntil = seconds === 0 ? 0 : this.#clock.now() + seconds * 1000
    const changed = pending.map((one) => (ackIds.includes(ackIdOf(one)) ? { ...one, leasedUntil } : one))
    this.#write({ subscription, pending: changed })
  }

  #all(): readonly State[] {
    return listFolders(this.#dir).flatMap(
      (folder) => (readJsonFile(join(this.#dir, folder, 'subscription.json')) as State | null) ?? [],
    )
  }

  #read(name: string): State {
    const state = readJsonFile(this.#file(name)) as State | null
    if (state === null) throw new ApiError(404, `Resource not found (resource=${idOf(name)}).`)
    return state
  }

  #write(state: State): void {
    writeJson(this.#file(state.subscription.name), state)
  }

  #file(name: string): string {
    const [, project = ''] = name.split('/')
    checkName(idOf(name))
    return join(this.#dir, `${encodeURIComponent(project)}..${idOf(name)}`, 'subscription.json')
  }
}

function ackIdOf({ message, deliveries }: Pending): string {
  return `${message.messageId}:${deliveries}`
}
