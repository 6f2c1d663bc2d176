import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { virtualClock } from '../../simulator/clock.ts'
import { startEmulator, type EmulatorOptions } from '../../simulator/emulator.ts'
import { START } from '../../simulator/engine/testing/host.ts'

export type Json = Readonly<Record<string, unknown>>

export interface RestAnswer {
  readonly status: number
  readonly text: string
  readonly body: Json
}

/** A real emulator on a loopback port, used by HTTP alone; billed steps, which no API tells, come as events. */
export interface RestCloud {
  readonly url: string
  send(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<RestAnswer>
  /** The execution once it has ended. */
  end(name: string): Promise<Json>
  billedSteps(execution: string): number
  close(): Promise<void>
}

export const PLACE = { project: 'test-project', location: 'us-central1' } as const

/** Thousands of small files are written and removed again, which a disk takes its time for. */
const MEMORY = '/dev/shm'

export async function startRestCloud(options: Partial<EmulatorOptions> = {}): Promise<RestCloud> {
  const stateDir = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'dagwright-cases-'))
  const billed = new Map<string, number>()
  const emulator = await startEmulator({
    ...PLACE,
    images: {},
    stateDir,
    clock: virtualClock(START),
    onExecutionEvent: (event) => {
      if (event.kind === 'execution_ended') billed.set(event.execution.name, event.billedSteps)
    },
    ...options,
  })
  const send: RestCloud['send'] = async (method, path, body, headers = {}) => {
    const response = await fetch(`${emulator.url}${path}`, {
      method,
      // Tells a stub of an API that the request is not for it.
      headers: { 'x-case': 'control', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json') === true
    return { status: response.status, text, body: isJson && text !== '' ? (JSON.parse(text) as Json) : {} }
  }
  return {
    url: emulator.url,
    send,
    end: async (name) => {
      for (;;) {
        const { status, body } = await send('GET', `/v1/${name}`)
        if (status !== 200) throw new Error(`${name} answered ${status}`)
        if (body['state'] !== 'ACTIVE') return body
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    },
    billedSteps: (execution) => billed.get(execution) ?? Number.NaN,
    close: async () => {
      await emulator.close()
      rmSync(stateDir, { recursive: true, force: true })
    },
  }
}
