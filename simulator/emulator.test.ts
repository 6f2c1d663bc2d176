import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findEmulator, startEmulator, StateInUseError } from './emulator.ts'
import { executionEnd, scriptImage, startTestCloud, testPlace } from './testing/cloud.ts'

let stateDir = ''
const children: ChildProcess[] = []
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'dagwright-state-'))
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(stateDir, { recursive: true, force: true })
})

const options = () => ({ ...testPlace, stateDir, images: { script: scriptImage } })

/** An emulator in a process of its own, to be killed. */
async function spawnEmulator(): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const module = pathToFileURL(join(import.meta.dirname, 'emulator.ts')).href
  const script = `
    const { createJiti } = await import('jiti')
    const { startEmulator } = await createJiti(${JSON.stringify(import.meta.url)}).import(${JSON.stringify(module)})
    const emulator = await startEmulator(${JSON.stringify(options())})
    console.log(emulator.url)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd: join(import.meta.dirname, '..'),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString().trim()))
    child.once('exit', (code) => reject(new Error(`the emulator ended with ${code}`)))
  })
  return { child, url }
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await gone
}

const sources = {
  quick: 'main:\n  steps:\n    - done:\n        return: 1\n',
  slow: 'main:\n  steps:\n    - nap:\n        call: sys.sleep\n        args: {seconds: 600}\n',
}

async function post(url: string, path: string, body: unknown): Promise<Record<string, unknown>> {
  const response = await fetch(`${url}${path}`, { method: 'POST', body: JSON.stringify(body) })
  return (await response.json()) as Record<string, unknown>
}

describe('state folder', () => {
  it('belongs to one emulator at a time', async () => {
    const emulator = await startEmulator(options())
    const holder = JSON.parse(readFileSync(join(stateDir, 'emulator.json'), 'utf8')) as unknown
    expect(holder).toEqual({ pid: process.pid, port: emulator.port, url: emulator.url })
    await expect(startEmulator(options())).rejects.toThrow(StateInUseError)
    await expect(startEmulator(options())).rejects.toThrow(`in use by the emulator with pid ${process.pid}`)
    expect(await findEmulator(stateDir)).toMatchObject({ url: emulator.url, pid: process.pid })
    await emulator.close()
    await emulator.close()
    expect(await findEmulator(stateDir)).toBeNull()
    expect(readdirSync(stateDir).filter((name) => name.startsWith('emulator'))).toEqual([])
    await expect(fetch(emulator.url)).rejects.toThrow('fetch failed')
  })

  it('lets one of many win', async () => {
    const starts = await Promise.allSettled(Array.from({ length: 8 }, () => startEmulator(options())))
    const won = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []))
    expect(won).toHaveLength(1)
    await won[0]?.close()
  })

  it.each([
    ['a dead process', { pid: 2 ** 22 + 1, port: 1, url: 'http://127.0.0.1:1' }],
    ['a port that nobody listens on', { pid: process.pid, port: 1, url: 'http://127.0.0.1:1' }],
    ['nonsense', 'x'],
  ])('is taken over from %s', async (_what, content) => {
    writeFileSync(join(stateDir, 'emulator.json'), JSON.stringify(content))
    expect(await findEmulator(stateDir)).toBeNull()
    const emulator = await startEmulator(options())
    expect(await findEmulator(stateDir)).toMatchObject({ url: emulator.url })
    await emulator.close()
  })

  it('frees the folder and the port when the start fails', async () => {
    const first = await startEmulator(options())
    const other = mkdtempSync(join(tmpdir(), 'dagwright-state-'))
    await expect(startEmulator({ ...options(), stateDir: other, port: first.port })).rejects.toThrow(
      'EADDRINUSE',
    )
    expect(existsSync(join(other, 'emulator.json'))).toBe(false)
    rmSync(other, { recursive: true })
    await first.close()
  })
})

describe('kill and restart', () => {
  it('keeps what ended, fails what ran, and starts again', { timeout: 30_000 }, async () => {
    const { child, url } = await spawnEmulator()
    const parent = '/v1/projects/test-project/locations/us-central1'
    for (const [id, sourceContents] of Object.entries(sources)) {
      await post(url, `${parent}/workflows?workflowId=${id}`, { sourceContents })
    }
    const quick = await post(url, `${parent}/workflows/quick/executions`, { labels: { a: 'b' } })
    const request = async (_method: string, path: string) => {
      const response = await fetch(`${url}${path}`)
      return { status: response.status, body: (await response.json()) as Record<string, unknown> }
    }
    const before = await executionEnd({ request }, String(quick['name']))
    const slow = await post(url, `${parent}/workflows/slow/executions`, {})
    const v2 = '/v2/projects/test-project/locations/us-central1'
    await post(url, `${v2}/jobs?jobId=job`, {
      template: { template: { containers: [{ image: 'script', args: ['setTimeout(() => {}, 60000)'] }] } },
    })
    const run = await post(url, `${v2}/jobs/job:run`, {})
    const pids = join(stateDir, 'run', 'job', 'executions')
    await until(
      () =>
        existsSync(pids) &&
        readFileSync(join(pids, readdirSync(pids)[0] ?? ''), 'utf8').includes('"runningCount": 1'),
    )
    await expect(startEmulator(options())).rejects.toThrow(StateInUseError)
    const step = Number((readdirSync(join(stateDir, 'run', '.processes'))[0] ?? '').replace('.json', ''))
    await kill(child)
    expect(alive(step)).toBe(true)

    const cloud = await startTestCloud({ stateDir })
    expect((await cloud.request('GET', `/v1/${String(quick['name'])}`)).body).toEqual(before)
    expect((await cloud.request('GET', `/v1/${String(quick['name'])}/stepEntries`)).body).toMatchObject({
      totalSize: 1,
    })
    expect((await cloud.request('GET', `/v1/${String(slow['name'])}`)).body).toMatchObject({
      state: 'FAILED',
      error: {
        payload: expect.stringContaining(
          'The emulator was stopped while this execution was running.',
        ) as string,
      },
      endTime: expect.any(String) as string,
    })
    expect((await cloud.request('GET', `/v1/${String(slow['name'])}/stepEntries`)).body).toMatchObject({
      stepEntries: [{ step: 'nap' }],
    })
    const operation = await cloud.request('GET', `/v2/${String(run['name'])}`)
    expect(operation.body).toMatchObject({
      done: true,
      error: { message: expect.stringContaining('The emulator was stopped') as string },
    })
    await until(() => readdirSync(join(stateDir, 'run', '.processes')).length === 0)
    await until(() => !alive(step))
    const again = await post(cloud.emulator.url, `${parent}/workflows/quick/executions`, {})
    expect(await executionEnd(cloud, String(again['name']))).toMatchObject({ state: 'SUCCEEDED' })
    const { body } = await cloud.request('GET', `${parent}/workflows/quick/executions`)
    expect(body['executions']).toMatchObject([{ name: again['name'] }, { name: quick['name'] }])
    await cloud.close()
  })

  it('fails what runs when it is closed, and ends its processes', async () => {
    const cloud = await startTestCloud({ stateDir })
    const parent = '/v1/projects/test-project/locations/us-central1'
    const { url } = cloud.emulator
    await post(url, `${parent}/workflows?workflowId=slow`, { sourceContents: sources.slow })
    const slow = await post(url, `${parent}/workflows/slow/executions`, {})
    await cloud.emulator.close()
    const id = String(slow['name']).split('/').at(-1) ?? ''
    const stored = readFileSync(join(stateDir, 'executions', 'slow', id, 'execution.json'), 'utf8')
    expect(JSON.parse(stored)).toMatchObject({ state: 'FAILED' })
  })

  it('takes a half-written file for none', async () => {
    const first = await startTestCloud({ stateDir })
    const parent = '/v1/projects/test-project/locations/us-central1'
    await post(first.emulator.url, `${parent}/workflows?workflowId=quick`, { sourceContents: sources.quick })
    const { name } = await post(first.emulator.url, `${parent}/workflows/quick/executions`, {})
    await executionEnd(first, String(name))
    await first.emulator.close()
    const folder = join(stateDir, 'executions', 'quick', String(name).split('/').at(-1) ?? '')
    const steps = join(folder, 'steps.jsonl')
    writeFileSync(steps, `${readFileSync(steps, 'utf8')}{"entryId":2,"rou`)
    writeFileSync(join(folder, 'execution.json.tmp'), '{"name"')
    const second = await startTestCloud({ stateDir })
    expect((await second.request('GET', `/v1/${String(name)}/stepEntries`)).body).toMatchObject({
      totalSize: 1,
    })
    expect((await second.request('GET', `/v1/${String(name)}`)).body).toMatchObject({ state: 'SUCCEEDED' })
    await second.emulator.close()
  })
})

/** A zombie counts as gone: in a container nobody may collect it. */
function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    const stat = `/proc/${pid}/stat`
    return !existsSync(stat) || !/\) Z /.test(readFileSync(stat, 'utf8'))
  } catch {
    return false
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20))
}
