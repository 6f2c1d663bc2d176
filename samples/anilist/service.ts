import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { answerTo } from './answer.ts'
import type { Answer } from './answer.ts'
import { faultAnswer, tooManyRequests } from './fault.ts'
import type { Fault } from './fault.ts'
import { generatedSource } from './source.ts'
import type { Source } from './source.ts'

export interface AniListServiceOptions {
  /** @default 0, any free port */
  port?: number
  /** How many requests it answers in a minute before it refuses. @default 30, as the degraded API does */
  requestsPerMinute?: number
  /** @default the generated profile `Gajs` */
  data?: Source
  /** Day that it serves, `YYYY-MM-DD`. @default today by its clock, in UTC */
  date?: string
  /** @default ['Hidden'] */
  privateUsers?: readonly string[]
  /** Milliseconds since the epoch. @default Date.now */
  now?: () => number
}

/** One request as it came in. */
export interface ServiceRequest {
  readonly field: string | null
  readonly variables: Readonly<Record<string, unknown>>
  readonly status: number | null
  readonly at: number
}

export interface AniListService {
  readonly url: string
  /** Every request so far, refused ones included. */
  requests(): readonly ServiceRequest[]
  /** The next requests fail so, in this order, before anything else is looked at. */
  fail(...faults: readonly Fault[]): void
  setDate(date: string): void
  close(): Promise<void>
}

const MINUTE = 60_000
/** What the headers claim, whatever the API really lets through. */
const NOMINAL = 90

/** A stand-in of AniList's GraphQL endpoint on the loopback interface. */
export async function startAniListService(options: AniListServiceOptions = {}): Promise<AniListService> {
  const { port = 0, requestsPerMinute = 30, privateUsers = ['Hidden'], now = Date.now } = options
  const source = options.data ?? generatedSource()
  let date = options.date
  const log: ServiceRequest[] = []
  const faults: Fault[] = []
  let answered: number[] = []
  let refusedUntil = 0

  function rate(time: number): Answer | null {
    answered = answered.filter((at) => at > time - MINUTE)
    if (time >= refusedUntil && answered.length < requestsPerMinute) {
      answered.push(time)
      return null
    }
    if (time >= refusedUntil) refusedUntil = time + MINUTE
    const wait = String(Math.ceil((refusedUntil - time) / 1000))
    return { status: 429, body: tooManyRequests, headers: { 'retry-after': wait } }
  }

  function respond(body: string): Answer | null {
    const time = now()
    const variables = readVariables(body)
    const fault = faults.shift()
    const refused = fault === undefined ? rate(time) : faultAnswer(fault, time)
    if (fault !== undefined || refused !== null) {
      log.push({ field: null, variables, status: refused?.status ?? null, at: time })
      return refused
    }
    const day = date ?? new Date(time).toISOString().slice(0, 10)
    const { question, ...answer } = answerTo(body, { source, date: day, privateUsers })
    log.push({ field: question?.field ?? null, variables, status: answer.status, at: time })
    const left = Math.max(0, NOMINAL - answered.length)
    return {
      ...answer,
      headers: {
        'x-ratelimit-limit': String(NOMINAL),
        'x-ratelimit-remaining': String(left),
        ...answer.headers,
      },
    }
  }

  const server = createServer((request, response) => {
    readBody(request)
      .then((body) => send(request, response, body === null ? notFound : respond(body)))
      .catch((error: unknown) => response.destroy(error instanceof Error ? error : new Error(String(error))))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the service has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests: () => [...log],
    fail: (...next) => void faults.push(...next),
    setDate(next) {
      date = next
    },
    close() {
      server.closeAllConnections()
      return new Promise((resolve, reject) => server.close((error) => (error ? reject(error) : resolve())))
    },
  }
}

const notFound: Answer = { status: 404, body: '{"message":"Not Found."}' }

async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return request.method === 'POST' ? Buffer.concat(chunks).toString('utf8') : null
}

function readVariables(body: string): Record<string, unknown> {
  try {
    return (JSON.parse(body) as { variables?: Record<string, unknown> }).variables ?? {}
  } catch {
    return {}
  }
}

function send(request: IncomingMessage, response: ServerResponse, answer: Answer | null): void {
  if (answer === null) {
    request.socket.destroy()
    return
  }
  const body = Buffer.from(answer.body)
  response.writeHead(answer.status, {
    'content-type': 'application/json',
    'cache-control': 'no-cache, private',
    server: 'sample',
    ...answer.headers,
    'content-length': String(body.length),
  })
  response.end(body)
}
