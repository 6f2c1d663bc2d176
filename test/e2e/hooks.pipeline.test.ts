import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { logLine } from '../../cli/log-line.ts'
import { compileDag, loadDags } from '../../compiler/index.ts'
import { readLogs } from '../../history/logs.ts'
import { readRun } from '../../history/read-run.ts'
import type { StartedContainer } from '../../simulator/cloud/run/images.ts'
import { startEmulator, type Emulator } from '../../simulator/emulator.ts'
import { StepError } from '../../steps/runtime/error.ts'
import { notifyStep } from '../../steps/runtime/notify/notify.ts'
import { runStep } from '../../steps/runtime/run-step.ts'
import { defineStep, type Step } from '../../steps/runtime/step.ts'
import { bucketsOf, jsonOf, requestOf } from '../../testing/bucket.ts'
import { installWithTables } from '../../testing/install.ts'
import { parent, place } from '../../testing/place.ts'
import { fetchRows, loadRows } from '../golden/contracts.ts'
import { runArgument } from '../golden/world.ts'

/** Hooks as they go out: through the local Pub/Sub, and from a container to addresses that are secrets. */

const secretPath = 'services-T0-B1-thisIsTheSecret'
const received: { path: string; body: unknown }[] = []
const requested: string[] = []
const stateDir = mkdtempSync(join(tmpdir(), 'hooks-'))
let server: Server
let emulator: Emulator
let execution: string

const [hooks] = await loadDags(resolve(import.meta.dirname, '..'), ['hooks'], 'golden')
if (!hooks) throw new Error('no golden hooks')
const compiled = compileDag(hooks, { projectDir: resolve(import.meta.dirname, '../..') })

const steps: Readonly<Record<string, (env: StartedContainer['env']) => Step>> = {
  'golden/fetch-rows': () =>
    defineStep(fetchRows, async () => {
      throw new StepError({ code: 'source_gone', message: 'the source is gone', retryable: false })
    }),
  'golden/load-rows': () => defineStep(loadRows, async () => ({ rows: 0 })),
  'dagwright/notify': (env) => notifyStep(env),
}

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => void chunks.push(chunk))
    request.on('end', () => {
      received.push({
        path: request.url ?? '',
        body: JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown,
      })
      // The chat has no such channel any more.
      response.writeHead(request.url?.endsWith('/gone') ? 404 : 200).end()
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  const address = `http://127.0.0.1:${port}/${secretPath}`
  let ended: () => void = () => undefined
  const end = new Promise<void>((settle) => (ended = settle))
  emulator = await startEmulator({
    stateDir,
    project: place.project,
    location: place.location,
    stepEnv: { SOURCE_TOKEN: 'x', HOOK_CHAT_WEBHOOK: address, HOOK_TASK_WEBHOOK: `${address}/gone` },
    images: {
      steps: {
        run: ({ args, env, signal, log }) => {
          const step = steps[args[0] ?? '']
          if (!step) throw new Error(`no step ${args[0]}`)
          return runStep(step(env), env, {
            storage: bucketsOf(emulator.dispatch),
            signal,
            write: (line) => log('stdout', line.trimEnd()),
          })
        },
      },
    },
    standIn: ({ url }) => {
      requested.push(url.href)
      const response = { status: 200, headers: {}, bytes: new TextEncoder().encode('{}') }
      return Promise.resolve({ afterMs: 0, response })
    },
    onExecutionEvent: ({ kind }) => {
      if (kind === 'execution_ended') ended()
    },
  })
  await installWithTables(compiled, emulator, () => false)
  for (const topic of ['pipeline-events', 'loads']) {
    const name = `projects/${place.project}/topics/${topic}`
    await emulator.dispatch(requestOf('PUT', `/v1/${name}`, {}))
    await emulator.dispatch(
      requestOf('PUT', `/v1/projects/${place.project}/subscriptions/${topic}`, { topic: name }),
    )
  }
  const created = jsonOf(
    await emulator.dispatch(
      requestOf('POST', `/v1/${parent}/workflows/hooks/executions`, {
        argument: JSON.stringify(runArgument),
      }),
    ),
  )
  execution = String(created['name'])
  await end
})

afterAll(async () => {
  await emulator.close()
  await new Promise((closed) => server.close(closed))
  rmSync(stateDir, { recursive: true, force: true })
})

describe('a run that fails', () => {
  it('is told to the chat behind the secret, to the address, and to the topic', async () => {
    const pulled = jsonOf(
      await emulator.dispatch(
        requestOf('POST', `/v1/projects/${place.project}/subscriptions/pipeline-events:pull`, {
          maxMessages: 10,
        }),
      ),
    )
    const [message, ...more] = pulled['receivedMessages'] as {
      message: { data: string; attributes: unknown }
    }[]
    expect(more).toEqual([])
    expect(message?.message.attributes).toEqual({ dag: 'hooks', run_id: runArgument.run_id, state: 'failed' })
    const event = JSON.parse(Buffer.from(message?.message.data ?? '', 'base64').toString('utf8')) as {
      text: string
    }
    expect(event).toMatchObject({
      state: 'failed',
      failed: [{ task: 'fetch_rows', code: 'source_gone', message: 'the source is gone' }],
    })
    expect(received).toEqual([
      { path: `/${secretPath}/gone`, body: expect.objectContaining({ task: 'fetch_rows' }) as unknown },
      { path: `/${secretPath}`, body: { text: event.text } },
    ])
    expect(requested).toEqual(['https://alerts.example.com/tasks', 'https://alerts.example.com/runs'])
  })

  it('is what it was, though a hook failed', async () => {
    const run = await readRun(
      { executionsUrl: emulator.url, token: () => Promise.resolve(null) },
      execution,
      compiled,
    )
    expect(run.state).toBe('failed')
    expect(run.tasks.map(({ id, state, tries }) => [id, state, tries.length])).toEqual([
      ['fetch_rows', 'failed', 1],
      ['load_rows', 'upstream_failed', 0],
    ])
  })

  it('says by task what happened, in its log', async () => {
    const source = { loggingUrl: emulator.url, token: () => Promise.resolve(null) }
    const linesOf = async (task: string) => {
      const entries = await readLogs(source, place.project, { dag: 'hooks', runId: runArgument.run_id, task })
      return entries.map((entry) => logLine(entry).slice(13))
    }
    expect(await linesOf('fetch_rows')).toEqual([
      'INFO    fetch_rows  started',
      'ERROR   fetch_rows  the source is gone',
      'INFO    fetch_rows  golden/fetch-rows: error',
      'ERROR   fetch_rows  the source is gone',
      'INFO    fetch_rows  ended: failed',
      expect.stringMatching(
        /^WARNING fetch_rows {2}webhook in HOOK_TASK_WEBHOOK was not told: Task hooks--notify-\w+-task0 failed/,
      ) as unknown,
    ])
    expect(await linesOf('load_rows')).toEqual([
      expect.stringMatching(/^INFO {4}load_rows {2}.*upstream_failed/) as unknown,
    ])
  })

  it('leaves the secret nowhere: not in the source, the history, the logs or the bucket', () => {
    expect(compiled.source).not.toContain(secretPath)
    const files = readdirSync(stateDir, { recursive: true, encoding: 'utf8' })
      .map((file) => join(stateDir, file))
      .filter((file) => statSync(file).isFile())
    expect(files.length).toBeGreaterThan(20)
    expect(files.filter((file) => readFileSync(file).includes(secretPath))).toEqual([])
  })
})
