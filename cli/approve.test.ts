import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { localNames } from '../deploy/environment.ts'
import { startEmulator, type Emulator } from '../simulator/emulator.ts'
import type { Output } from './command.ts'
import { run } from './program.ts'

/** What an approval task does: says what it waits for in an object, then waits for its callback. */
const source = `
main:
  params: [args]
  steps:
    - open:
        call: events.create_callback_endpoint
        args: { http_callback_method: POST }
        result: callback
    - say:
        call: googleapis.storage.v1.objects.insert
        args:
          bucket: ${localNames.bucket}
          name: \${text.url_encode("runs/gate/" + args.run_id + "/publish/0/approval.json")}
          uploadType: media
          body: { execution: "\${sys.get_env(\\"GOOGLE_CLOUD_WORKFLOW_EXECUTION_ID\\")}", url: "\${callback.url}", message: Publish?, task: publish }
    - wait:
        call: events.await_callback
        args: { callback: "\${callback}", timeout: 3600 }
        result: answer
    - done:
        return: \${answer.http_request.body}
`

const state = mkdtempSync(join(tmpdir(), 'dag-approve-'))
const parent = `projects/${localNames.project}/locations/${localNames.region}`
let emulator: Emulator

async function send(
  method: string,
  path: string,
  body?: unknown,
): Promise<Readonly<Record<string, unknown>>> {
  const response = await fetch(`${emulator.url}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return (await response.json()) as Record<string, unknown>
}

beforeAll(async () => {
  emulator = await startEmulator({
    stateDir: state,
    project: localNames.project,
    location: localNames.region,
    images: {},
  })
  await send('POST', `/storage/v1/b?project=${localNames.project}`, { name: localNames.bucket })
  await send('POST', `/v1/${parent}/workflows?workflowId=gate`, { sourceContents: source })
})
afterAll(async () => {
  await emulator.close()
  rmSync(state, { recursive: true, force: true })
})

/** Starts a run and resolves with its execution once it waits. */
async function waitingRun(runId: string): Promise<string> {
  const body = { argument: JSON.stringify({ run_id: runId }), labels: { dag: 'gate', run_id: runId } }
  const { name } = await send('POST', `/v1/${parent}/workflows/gate/executions`, body)
  for (;;) {
    const { callbacks } = await send('GET', `/v1/${String(name)}/callbacks`)
    if (
      Array.isArray(callbacks) &&
      (callbacks as { waiters: string }[]).some(({ waiters }) => waiters === '1')
    )
      return String(name)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

async function resultOf(name: string): Promise<unknown> {
  for (;;) {
    const execution = await send('GET', `/v1/${name}`)
    if (execution['state'] !== 'ACTIVE') return JSON.parse(String(execution['result']))
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

async function approve(...args: readonly string[]) {
  const text = { out: '', note: '' }
  const output: Output = {
    out: (line) => void (text.out += `${line}\n`),
    note: (line) => void (text.note += `${line}\n`),
    bytes: () => undefined,
    draw: () => undefined,
    terminal: false,
    live: false,
    width: 100,
  }
  const code = await run(['approve', ...args, '--state', state], output, new AbortController().signal)
  return { code, ...text }
}

describe('dag approve', () => {
  it('lets a run go on, once', async () => {
    const execution = await waitingRun('manual__yes')
    const answered = await approve('manual__yes', 'publish', '--by', 'ana', '--note', 'looks good')
    expect(answered, answered.note).toMatchObject({ code: 0, out: 'approved: Publish?\n' })
    expect(await resultOf(execution)).toEqual({ approved: true, by: 'ana', note: 'looks good' })
    const again = await approve('manual__yes', 'publish')
    expect(again.code).toBe(1)
    expect(again.note).toMatch(/task publish of run manual__yes waits for no approval/)
    expect(again.note).toMatch(/nothing of this run waits/)
  })

  it('rejects, and tells what it did as JSON', async () => {
    const execution = await waitingRun('manual__no')
    const { code, out } = await approve('manual__no', 'publish', '--reject', '--by', 'ana', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toEqual({
      run_id: 'manual__no',
      task: 'publish',
      index: 0,
      message: 'Publish?',
      approved: false,
      by: 'ana',
      note: '',
    })
    expect(await resultOf(execution)).toMatchObject({ approved: false })
  })

  it('says what waits where something else was named', async () => {
    await waitingRun('manual__other')
    for (const args of [['publich'], ['publish', '--index', '3']]) {
      const { code, note } = await approve('manual__other', ...args)
      expect(code).toBe(1)
      expect(note).toMatch(/waits for no approval[\s\S]*what waits: publish/)
    }
    expect((await approve('manual__other', 'publish', '--note', 'x'.repeat(501))).note).toContain(
      '501 characters',
    )
    expect((await approve('manual__none', 'publish')).note).toContain('there is no run manual__none')
  })

  it('sends no credentials to addresses elsewhere', async () => {
    await waitingRun('manual__evil')
    const object = encodeURIComponent('runs/gate/manual__evil/publish/0/approval.json')
    const content = { url: 'http://127.0.0.1:9/v1/x', message: 'Publish?' }
    await send('POST', `/upload/storage/v1/b/${localNames.bucket}/o?uploadType=media&name=${object}`, content)
    expect((await approve('manual__evil', 'publish')).note).toMatch(/waits for no approval/)
  })
})
