import { execFileSync, spawn } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startAniListService } from '../samples/anilist/service.ts'
import { startStorage } from '../simulator/cloud/storage/testing/fixture.ts'
import type { StorageFixture } from '../simulator/cloud/storage/testing/fixture.ts'
import { tryEnvironment } from './runtime/testing/try-step.ts'

const root = resolve(import.meta.dirname, '..')
const built = mkdtempSync(join(tmpdir(), 'steps-build-'))
const folder = mkdtempSync(join(tmpdir(), 'steps-bundle-'))
let storage: StorageFixture

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  readonly ms: number
}

/** Starts the image's entry in a folder that holds nothing else. */
function start(args: readonly string[], env: Record<string, string> = {}) {
  const began = performance.now()
  const child = spawn(process.execPath, ['main.mjs', ...args], { cwd: folder, env })
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (data: Buffer) => (output.stdout += data.toString()))
  child.stderr.on('data', (data: Buffer) => (output.stderr += data.toString()))
  const ended = new Promise<Ended>((done) => {
    child.once('close', (code) => done({ code, ...output, ms: performance.now() - began }))
  })
  return { child, ended }
}

function stepEnvironment(input: unknown, url: string): Record<string, string> {
  return {
    ...tryEnvironment(input, { task: 'fetch_user' }),
    STORAGE_EMULATOR_HOST: storage.url,
    BIGQUERY_EMULATOR_HOST: storage.url,
    METADATA_SERVER_DETECTION: 'none',
    ANILIST_ENDPOINT: url,
  }
}

async function metadata(): Promise<Record<string, unknown>> {
  const name = 'runs/anilist/manual__2026-03-09t09-00-00z/fetch_user/0/exec1-1/output.json'
  const [object] = await storage.client.bucket('data').file(name).getMetadata()
  await storage.client.bucket('data').file(name).delete()
  return object.metadata ?? {}
}

beforeAll(async () => {
  execFileSync(process.execPath, [join(root, 'scripts/bundle-steps.mjs'), built])
  copyFileSync(join(built, 'main.mjs'), join(folder, 'main.mjs'))
  storage = await startStorage()
  await storage.client.createBucket('data', { versioning: { enabled: true } })
})

afterAll(async () => {
  await storage.stop()
  rmSync(folder, { recursive: true })
  rmSync(built, { recursive: true })
})

describe('the bundle, alone in a folder', () => {
  it('is small enough for an image layer, with its sources beside it', () => {
    expect(statSync(join(folder, 'main.mjs')).size).toBeLessThan(10_000_000)
    expect(readFileSync(join(folder, 'main.mjs'), 'utf8')).not.toContain('sourceMappingURL')
    expect(statSync(join(built, 'main.mjs.map')).size).toBeGreaterThan(0)
  })

  it.each([[[]], [['anilist/no-such-step']], [['toString']]])('lists its steps for %o', async (args) => {
    const { code, stderr } = await start(args).ended
    expect(code).toBe(64)
    expect(stderr).toContain('  anilist/fetch-user\n')
  })

  it('runs a step through the real client', async () => {
    const service = await startAniListService({ date: '2026-03-09' })
    const { ended } = start(['anilist/fetch-user'], stepEnvironment({ userName: 'Gajs' }, service.url))
    const { code, stdout, stderr } = await ended
    await service.close()
    expect(stderr).toBe('')
    expect(code).toBe(0)
    for (const line of stdout.trimEnd().split('\n')) {
      expect(JSON.parse(line)).toMatchObject({ dag: 'anilist', task: 'fetch_user', severity: 'INFO' })
    }
    const { outcome, result } = await metadata()
    expect(outcome).toBe('output')
    expect(JSON.parse(String(result))).toMatchObject({
      state: 'success',
      tries: 1,
      output: { userName: 'Gajs', scoreFormat: 'POINT_10_DECIMAL' },
    })
  })

  it('refuses an input with exit 1 and an outcome', async () => {
    const { code } = await start(
      ['anilist/fetch-user'],
      stepEnvironment({ userName: 7 }, 'http://127.0.0.1:9'),
    ).ended
    expect(code).toBe(1)
    expect(await metadata()).toMatchObject({ outcome: 'error', code: 'invalid_input', retryable: 'false' })
  })

  it('posts for hooks, to an address that only its environment knows', async () => {
    const bodies: string[] = []
    const receiver = createServer((request, response) => {
      request.on('data', (chunk: Buffer) => bodies.push(chunk.toString()))
      request.on('end', () => response.writeHead(204).end())
    })
    await new Promise<void>((listening) => receiver.listen(0, '127.0.0.1', listening))
    const address = receiver.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const env = {
      ...stepEnvironment({ variable: 'HOOK_CHAT', body: { text: 'it failed' } }, 'http://127.0.0.1:9'),
      HOOK_CHAT: `http://127.0.0.1:${port}/hidden-path`,
    }
    const { code, stdout, stderr } = await start(['dagwright/notify'], env).ended
    await new Promise((closed) => receiver.close(closed))
    expect(code).toBe(0)
    expect(bodies).toEqual(['{"text":"it failed"}'])
    expect(stdout + stderr + JSON.stringify(await metadata())).not.toContain('hidden-path')
  })

  it('stops on SIGTERM in time to say so', async () => {
    let child: ReturnType<typeof start>['child'] | undefined
    let signalled = 0
    // Never answers: the step is told to stop while it waits.
    const silent = createServer(() => {
      signalled = performance.now()
      child?.kill('SIGTERM')
    })
    await new Promise<void>((listening) => silent.listen(0, '127.0.0.1', listening))
    const address = silent.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const started = start(
      ['anilist/fetch-user'],
      stepEnvironment({ userName: 'Gajs' }, `http://127.0.0.1:${port}`),
    )
    child = started.child
    const { code } = await started.ended
    expect(performance.now() - signalled).toBeLessThan(8_000)
    silent.closeAllConnections()
    await new Promise((closed) => silent.close(closed))
    expect(code).toBe(1)
    expect(await metadata()).toMatchObject({ outcome: 'error', code: 'interrupted', retryable: 'true' })
  })
})
