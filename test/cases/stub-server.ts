import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { HttpAnswer, StubAnswer } from './tables.ts'

/** A loopback server that gives rows the answers they ask for. */
export interface StubServer {
  readonly url: string
  /** Answers of an engine row under `/<id>`; gives the source with its hosts replaced by that address. */
  serve(id: string, answers: readonly StubAnswer[], source: string): string
  /** Answers of a connector row, in turn; the requests that come are written into what it gives. */
  serveHttp(id: string, answers: readonly HttpAnswer[]): Seen
  close(): Promise<void>
}

/** What came to a stub. */
export interface Seen {
  /** `METHOD path?query` */
  readonly requests: string[]
  /** See `bodyLine`; as each has been read. */
  readonly bodies: string[]
}

export function nothingSeen(): Seen {
  return { requests: [], bodies: [] }
}

/** A body as tables show it: its content type, `-` for none, and its text. */
export function bodyLine(type: string | undefined, body: Uint8Array): string {
  return `${type ?? '-'} ${new TextDecoder().decode(body)}`.trimEnd()
}

export async function startStubServer(): Promise<StubServer> {
  const queues = new Map<string, Seen & { readonly answers: readonly HttpAnswer[] }>()
  const server = createServer((request, response) => {
    const [, id = '', rest = ''] = /^\/([^/?]+)(.*)$/.exec(request.url ?? '') ?? []
    const queue = queues.get(id)
    if (queue === undefined) return response.writeHead(404).end()
    queue.requests.push(`${request.method} ${rest.startsWith('/') ? rest : `/${rest}`}`)
    const answer = queue.answers[Math.min(queue.requests.length, queue.answers.length) - 1] ?? {}
    const chunks: Uint8Array[] = []
    request.on('data', (chunk: Uint8Array) => chunks.push(chunk))
    request.once('end', () => {
      queue.bodies.push(bodyLine(request.headers['content-type'], Buffer.concat(chunks)))
      give(response, answer, `/${id}`)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const serveHttp = (id: string, answers: readonly HttpAnswer[]) => {
    const seen = nothingSeen()
    queues.set(id, { ...seen, answers })
    return seen
  }
  return {
    url,
    serve: (id, answers, source) => {
      serveHttp(id, answers.map(httpAnswerOf))
      return source.replaceAll(/https?:\/\/[a-z.]+\.example/g, `${url}/${id}`)
    },
    serveHttp,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function give(response: ServerResponse, answer: HttpAnswer, base: string): void {
  const { status = 200, headers = {}, type, text, repeat, json } = answer
  const location = headers['location']
  response.writeHead(status, {
    ...headers,
    ...(location?.startsWith('/') && { location: `${base}${location}` }),
    ...(type !== undefined && { 'content-type': type }),
    ...(json !== undefined && { 'content-type': 'application/json' }),
  })
  const body =
    json === undefined ? (repeat === undefined ? text : Buffer.alloc(repeat)) : JSON.stringify(json)
  // A length that is not kept: the answer breaks off.
  if (headers['content-length'] === undefined) response.end(body)
  else response.write(body ?? '', () => setTimeout(() => response.destroy(), 20))
}

/** What an engine row gives or raises, as a server would send it. */
function httpAnswerOf(answer: StubAnswer): HttpAnswer {
  const { code, body, headers } = toPlain('raise' in answer ? answer.raise : answer.result)
  if (code === undefined) throw new Error('only HTTP answers can be served')
  return { status: code, headers: { ...headers }, json: body ?? null }
}

function toPlain(value: unknown): { code?: number; body?: unknown; headers?: Record<string, string> } {
  return JSON.parse(
    JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? Number(item) : item)),
  ) as ReturnType<typeof toPlain>
}
