import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { JobsClient } from '@google-cloud/run'
import { v1 } from '@google-cloud/workflows'
import { GoogleAuth } from 'google-gax'
import { PassThroughClient } from 'google-auth-library'
import { startEmulator, type Emulator, type EmulatorOptions } from '../emulator.ts'

/** An emulator in a folder of its own, with Google's clients connected to it. */
export interface TestCloud {
  readonly emulator: Emulator
  readonly stateDir: string
  readonly parent: string
  readonly workflows: InstanceType<typeof v1.WorkflowsClient>
  readonly executions: InstanceType<typeof v1.ExecutionsClient>
  readonly jobs: JobsClient
  /** A request with JSON in and out; `status` is the HTTP status. */
  request(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ readonly status: number; readonly body: Readonly<Record<string, unknown>> }>
  close(): Promise<void>
}

export const testPlace = { project: 'test-project', location: 'us-central1' } as const

/** A step that is a piece of JavaScript: the job's first argument. */
export const scriptImage = { command: [process.execPath, '-e'] }

/** Starts an emulator for a test; `stateDir` defaults to a temporary folder that `close` removes. */
export async function startTestCloud(options: Partial<EmulatorOptions> = {}): Promise<TestCloud> {
  const stateDir = options.stateDir ?? mkdtempSync(join(tmpdir(), 'dagwright-cloud-'))
  const emulator = await startEmulator({
    ...testPlace,
    images: { script: scriptImage },
    ...options,
    stateDir,
  })
  const client = {
    fallback: true,
    protocol: 'http',
    apiEndpoint: '127.0.0.1',
    port: emulator.port,
    auth: new GoogleAuth({ authClient: new PassThroughClient() as never }),
  } as const
  return {
    emulator,
    stateDir,
    parent: `projects/${testPlace.project}/locations/${testPlace.location}`,
    workflows: new v1.WorkflowsClient(client),
    executions: new v1.ExecutionsClient(client),
    jobs: new JobsClient(client),
    request: async (method, path, body) => {
      const response = await fetch(`${emulator.url}${path}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      return { status: response.status, body: (await response.json()) as Record<string, unknown> }
    },
    close: async () => {
      await emulator.close()
      if (options.stateDir === undefined) rmSync(stateDir, { recursive: true, force: true })
    },
  }
}

/** Waits until an execution has ended and returns it, all fields. */
export async function executionEnd(
  { request }: Pick<TestCloud, 'request'>,
  name: string,
): Promise<Readonly<Record<string, unknown>>> {
  for (;;) {
    const { status, body } = await request('GET', `/v1/${name}`)
    if (status !== 200) throw new Error(`${name} answered ${status}`)
    if (body['state'] !== 'ACTIVE') return body
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
