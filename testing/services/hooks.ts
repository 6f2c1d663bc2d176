import type { CloudService } from '../../simulator/cloud/request.ts'
import type { NetworkRequest, NetworkResponse, StandIn } from '../../simulator/connectors/index.ts'
import type { StepPlace } from '../../simulator/engine/index.ts'
import { z } from 'zod'
import { jsonAnswer, readBody } from './answers.ts'

/** A hook that was told. Simulations tell nobody: they note who would be. */
export interface ToldHook {
  /** `topic pipeline-events`, `https://…`, or `secret variable HOOK_CHAT_WEBHOOK`. */
  readonly to: string
  /** What it is told: the event, or `{ text }` for a chat. */
  readonly body: unknown
}

/** The subworkflows that tell hooks; compiler/lower/helpers/tell.ts. */
const routines = {
  topic: 'tell_topic',
  addresses: new Set(['tell_address', 'tell_address_signed']),
  secret: 'tell_secret_address',
}

/** Which hooks are noted instead of told: topics, and addresses in variables. */
export interface HeldHooks {
  readonly topics: boolean
  readonly variable: (name: string) => boolean
}

const all: HeldHooks = { topics: true, variable: () => true }

/** Answers what hooks send in place of Pub/Sub and of the container that knows secret addresses. */
export function hookService(note: (told: ToldHook) => void, held: HeldHooks = all): CloudService {
  return {
    name: 'hooks',
    handle: (request) => {
      if (request.method !== 'POST') return Promise.resolve(null)
      if (request.from?.routine === routines.topic && held.topics) {
        for (const body of published(readBody(request))) note({ to: `topic ${topicIn(request.path)}`, body })
        return Promise.resolve(jsonAnswer({ messageIds: ['1'] }))
      }
      if (request.from?.routine === routines.secret) {
        const { variable, body } = notified(readBody(request))
        if (!held.variable(variable)) return Promise.resolve(null)
        note({ to: `secret variable ${variable}`, body })
        return Promise.resolve(jsonAnswer({ name: 'operations/hook', done: true, response: {} }))
      }
      return Promise.resolve(null)
    },
    close: () => Promise.resolve(),
  }
}

/** Answers what hooks post in place of the addresses; `others` answers other requests. */
export function hookStandIn(note: (told: ToldHook) => void, others: StandIn): StandIn {
  return async (request, from) => {
    const response = hookAnswer(request, from, note)
    return response === null ? others(request, from) : { afterMs: 0, response }
  }
}

/** The answer to what a hook posts, which is noted; null for any other request. */
export function hookAnswer(
  request: NetworkRequest,
  from: StepPlace,
  note: (told: ToldHook) => void,
): NetworkResponse | null {
  if (!routines.addresses.has(from.routine)) return null
  const text = new TextDecoder().decode(request.body ?? new Uint8Array())
  note({ to: request.url.href, body: JSON.parse(text) as unknown })
  const headers = { 'content-type': 'application/json' }
  return { status: 200, headers, bytes: new TextEncoder().encode('{}') }
}

/** What is told, in a line. */
export function hookLine({ to, body }: ToldHook): string {
  const told = z.object({ text: z.string() }).safeParse(body)
  return `would tell ${to}${told.success ? `: ${told.data.text.split('\n')[0]}` : ''}`
}

const messages = z.object({ messages: z.array(z.object({ data: z.string() })) })

function published(body: unknown): unknown[] {
  return messages
    .parse(body)
    .messages.map(({ data }) => JSON.parse(Buffer.from(data, 'base64').toString('utf8')) as unknown)
}

function topicIn(path: string): string {
  return /\/topics\/([^/]+):publish$/.exec(decodeURIComponent(path))?.[1] ?? path
}

const overrides = z.object({
  overrides: z.object({
    containerOverrides: z.array(
      z.object({ env: z.array(z.object({ name: z.string(), value: z.string() })) }),
    ),
  }),
})
const input = z.object({ variable: z.string(), body: z.unknown() })

function notified(body: unknown): z.infer<typeof input> {
  const env = overrides.parse(body).overrides.containerOverrides[0]?.env ?? []
  return input.parse(JSON.parse(env.find(({ name }) => name === 'DAG_INPUT')?.value ?? 'null'))
}
