import { GraphQLClient } from 'graphql-request'
import { z } from 'zod'
import { StepError } from '../runtime/error.ts'
import type { HttpExchange } from '../runtime/http.ts'
import type { StepContext } from '../runtime/step.ts'
import { judgeRefusal } from './refusal.ts'
import type { Refused } from './refusal.ts'
import { bodySchema } from './response.ts'

const ENDPOINT = 'https://graphql.anilist.co'
/** AniList lets 30 a minute through (docs.anilist.co/guide/rate-limiting); the rest is left to others. */
const REQUESTS_PER_MINUTE = 25
/** Waits between tries while AniList is not available, in milliseconds. */
const BACK_OFF_MS = [2_000, 4_000, 8_000, 16_000]
/** How often the step waits out a rate limit for one answer. */
const PENALTIES = 5

interface Question<T> {
  query: string
  variables: Record<string, unknown>
  data: z.ZodType<T>
  /** Gets the body of every successful response before it is parsed. */
  onBody: (exchange: HttpExchange) => Promise<void>
  /** Gets every response that held no usable data. */
  onRefusal: (exchange: HttpExchange) => void
}

/** Asks until there is data, or no use in asking again; then throws a StepError. */
export interface AniListClient {
  ask<T>(question: Question<T>): Promise<T>
}

type Answer = { kind: 'data'; data: unknown } | { kind: 'refused'; refused: Refused }

/** `profile` is whom the questions are about, for the errors that name them; null where they are about nobody. */
export function createAniListClient(context: StepContext, profile: string | null): AniListClient {
  const { clock, env, log, signal } = context
  const endpoint = env.ANILIST_ENDPOINT || ENDPOINT
  const { send, limiter } = context.http({ perMinute: requestsPerMinute(env.ANILIST_REQUESTS_PER_MINUTE) })

  async function once(question: Question<unknown>): Promise<Answer> {
    let exchange: HttpExchange | undefined
    let staging: Promise<void> = Promise.resolve()
    const client = new GraphQLClient(endpoint, {
      // graphql-request gets a copy of the bytes, after they are staged.
      async fetch(_, init) {
        const headers = { 'content-type': 'application/json', accept: 'application/json' }
        const body = typeof init?.body === 'string' ? init.body : ''
        exchange = await send(endpoint, { method: 'POST', headers, body })
        if (isSuccess(exchange)) staging = question.onBody(exchange)
        await staging
        const { status, bytes } = exchange
        return new Response(Buffer.from(bytes), { status, headers: { 'content-type': 'application/json' } })
      },
    })
    try {
      const { data } = await client.rawRequest<unknown>(question.query, question.variables)
      return { kind: 'data', data }
    } catch (error) {
      signal.throwIfAborted()
      // A body that could not be staged is no answer of AniList's.
      await staging
      if (exchange) question.onRefusal(exchange)
      return { kind: 'refused', refused: exchange ? readRefused(exchange) : unreachable(endpoint, error) }
    }
  }

  return {
    async ask(question) {
      let penalties = 0
      let failures = 0
      for (;;) {
        const answer = await once(question)
        if (answer.kind === 'data') return parseData(question.data, answer.data)
        const refusal = judgeRefusal(answer.refused, profile, clock.now())
        if (refusal.kind === 'give_up') throw refusal.error
        if (refusal.kind === 'wait') {
          penalties += 1
          if (penalties > PENALTIES) throw refusal.error
          log.warning(`rate limit of AniList: waiting until ${new Date(refusal.until).toISOString()}`)
          limiter.pauseUntil(refusal.until)
          continue
        }
        const wait = BACK_OFF_MS[failures]
        if (wait === undefined) throw refusal.error
        failures += 1
        log.warning(`${refusal.error.message}: asking again in ${wait / 1000} s`)
        await context.sleep(wait)
      }
    },
  }
}

function requestsPerMinute(text: string | undefined): number {
  if (!text) return REQUESTS_PER_MINUTE
  if (/^[1-9]\d*$/.test(text)) return Number(text)
  throw new StepError({
    code: 'invalid_environment',
    message: `ANILIST_REQUESTS_PER_MINUTE is a whole number, not "${text}"`,
    retryable: false,
  })
}

function isSuccess({ status }: HttpExchange): boolean {
  return status >= 200 && status < 300
}

function parseData<T>(schema: z.ZodType<T>, data: unknown): T {
  const parsed = schema.safeParse(data)
  if (parsed.success) return parsed.data
  throw new StepError({
    code: 'unexpected_response',
    message: `AniList's answer does not have the documented shape: ${z.prettifyError(parsed.error)}`,
    retryable: false,
  })
}

function readRefused({ status, headers, bytes }: HttpExchange): Refused {
  const text = Buffer.from(bytes).toString('utf8')
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return { status, headers, errors: [], detail: `the body is not JSON: ${text.slice(0, 200)}` }
  }
  const body = bodySchema.safeParse(json)
  const errors = body.success ? (body.data.errors ?? []) : []
  return { status, headers, errors, detail: `neither data nor errors: ${text.slice(0, 200)}` }
}

function unreachable(endpoint: string, error: unknown): Refused {
  const { message, cause } = error instanceof Error ? error : new Error(String(error))
  const reason = cause instanceof Error ? `${message}: ${cause.message}` : message
  return {
    status: null,
    headers: new Headers(),
    errors: [],
    detail: `${endpoint} cannot be reached (${reason})`,
  }
}
