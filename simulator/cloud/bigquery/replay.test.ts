import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWarehouse } from '../../warehouse/index.ts'
import { project, startBigQuery, type BigQueryFixture } from './testing/fixture.ts'

/**
 * What `bq` 2.1.18 and `gcloud storage` (SDK 528) sent for each command line, in order and against one state, with what
 * matters of the answers. Values that a server makes up (generations, upload ids) stand as they were then.
 */
interface Recorded {
  readonly command: string
  readonly requests: readonly RecordedRequest[]
}

interface RecordedRequest {
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** `<n>`: so many zero bytes. */
  readonly body?: string
  readonly status: number
  readonly answer?: object
  readonly text?: string
  /** What the server made up in its answer and later requests repeat, by where it stands. */
  readonly made?: Readonly<Record<string, string>>
  readonly upload?: string
}

const file = join(import.meta.dirname, '../../../test/cases/clients/command-lines.json')
const commands = JSON.parse(readFileSync(file, 'utf8')) as readonly Recorded[]

let cloud: BigQueryFixture
/** What stands for a recorded value here. */
const actual = new Map<string, string>()

beforeAll(async () => {
  cloud = await startBigQuery((dir) => openWarehouse({ dir, project }))
})
afterAll(() => cloud.stop())

function translate(text: string): string {
  return [...actual].reduce((now, [recorded, value]) => now.replaceAll(recorded, value), text)
}

function bodyOf({ body }: RecordedRequest): { body?: Uint8Array<ArrayBuffer> | string } {
  const zeros = /^<(\d+)>$/.exec(body ?? '')?.[1]
  if (zeros !== undefined) return { body: new Uint8Array(Number(zeros)) }
  return body === undefined ? {} : { body: translate(body) }
}

/** The value at a path such as `items.0.generation`. */
function at(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (holder, name) => (holder as Readonly<Record<string, unknown>> | undefined)?.[name],
      value,
    )
}

interface Answer {
  readonly status: number
  readonly location: string | null
  readonly text: string
  readonly json: Readonly<Record<string, unknown>>
}

async function send(request: RecordedRequest): Promise<Answer> {
  const response = await fetch(new URL(translate(request.path), cloud.url), {
    method: request.method,
    headers: Object.fromEntries(
      Object.entries(request.headers ?? {}).map(([name, value]) => [name, translate(value)]),
    ),
    ...bodyOf(request),
  })
  const text = await response.text()
  const json = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {}
  return { status: response.status, location: response.headers.get('location'), text, json }
}

/** The tools ask for a job until it is done; only the last answer is recorded. */
async function answerTo(request: RecordedRequest): Promise<Answer> {
  const polls = request.method === 'GET' && /\/(jobs|queries)\/[^/?]+\?/.test(request.path)
  for (let attempt = 0; ; attempt += 1) {
    const answer = await send(request)
    const { status, jobComplete } = answer.json as { status?: { state: string }; jobComplete?: boolean }
    if (!polls || status?.state === 'DONE' || jobComplete === true || attempt === 500) return answer
  }
}

test.each(commands)('$command', async ({ requests }) => {
  for (const request of requests) {
    const answer = await answerTo(request)
    expect({ ...request, status: answer.status, said: answer.text }).toMatchObject({ status: request.status })
    if (request.answer !== undefined) expect(answer.json).toMatchObject(request.answer)
    if (request.text !== undefined) expect(answer.text).toBe(request.text)
    for (const [path, recorded] of Object.entries(request.made ?? {}))
      actual.set(recorded, String(at(answer.json, path)))
    const upload = /upload_id=([\w-]+)/.exec(answer.location ?? '')?.[1]
    if (request.upload !== undefined) actual.set(request.upload, String(upload))
  }
})

test('the command lines are those that must work', () => {
  const names = new Set(
    commands.map(({ command }) =>
      /^(bq|gcloud storage) (?:--\S+ )?([\w-]+)/.exec(command)?.slice(1).join(' '),
    ),
  )
  const wanted = [
    'query',
    'mk',
    'load',
    'ls',
    'show',
    'head',
    'extract',
    'rm',
    'cp',
    'insert',
    'update',
    'cancel',
    'wait',
  ]
  const storage = ['cp', 'cat', 'ls', 'rm', 'rsync']
  for (const name of wanted) expect(names).toContain(`bq ${name}`)
  for (const name of storage) expect(names).toContain(`gcloud storage ${name}`)
})
