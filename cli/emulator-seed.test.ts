import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const main = join(root, 'dist/cli/main.js')

const PARENT = '/v1/projects/local-project/locations/us-central1/workflows'
const JOBS = '/v2/projects/local-project/locations/us-central1/jobs'

/** Branches in turns, ids, a callback, and a Cloud Run job that fails at once, for want of its image. */
const SOURCE = `
main:
  steps:
    - begin: {assign: [{seen: []}, {id: '\${uuid.generate()}'}, {failure: null}]}
    - open: {call: events.create_callback_endpoint, result: callback}
    - work:
        parallel:
          shared: [seen]
          for:
            value: v
            range: [1, 9]
            steps:
              - nap: {call: sys.sleep, args: {seconds: '\${v % 2}'}}
              - add: {assign: [{seen: '\${list.concat(seen, v)}'}]}
    - job:
        try:
          call: googleapis.run.v2.projects.locations.jobs.run
          args: {name: projects/local-project/locations/us-central1/jobs/load}
        except: {as: e, steps: [{told: {assign: [{failure: '\${e.operation}'}]}}]}
    - give: {return: {seen: '\${seen}', id: '\${id}', url: '\${callback.url}', failure: '\${failure}', now: '\${sys.now()}'}}
`

interface Session {
  readonly texts: readonly string[]
  readonly port: string
}

/** Everything that clients of one process are told, in the order in which they ask. */
async function session(port: string): Promise<Session> {
  const state = mkdtempSync(join(tmpdir(), 'dag-seed-'))
  const args = ['emulator', '--port', port, '--state', state, '--clock', 'virtual', '--seed', '7']
  const child = spawn(process.execPath, [main, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] })
  const exited = new Promise((done) => child.once('exit', done))
  try {
    const url = await address(child)
    const texts: string[] = []
    const send = async (method: string, path: string, body?: unknown): Promise<string> => {
      const given = body === undefined ? {} : { body: JSON.stringify(body) }
      return await (await fetch(`${url}${path}`, { method, ...given })).text()
    }
    const keep = async (...request: Parameters<typeof send>): Promise<Record<string, unknown>> => {
      const text = await send(...request)
      texts.push(text)
      return JSON.parse(text) as Record<string, unknown>
    }
    await keep('POST', `${JOBS}?jobId=load`, { template: { template: { containers: [{ image: 'none' }] } } })
    await keep('POST', `${PARENT}?workflowId=all`, {
      sourceContents: SOURCE,
      executionHistoryLevel: 'EXECUTION_HISTORY_DETAILED',
    })
    for (const argument of ['1', '2']) {
      const { name } = await keep('POST', `${PARENT}/all/executions`, { argument })
      for (let tries = 0; tries < 1000; tries += 1) {
        if (!(await send('GET', `/v1/${String(name)}`)).includes('"state":"ACTIVE"')) break
      }
      await keep('GET', `/v1/${String(name)}`)
      await keep('GET', `/v1/${String(name)}/stepEntries`)
    }
    await keep('GET', `${PARENT}/all/executions?view=FULL`)
    await keep('GET', `${JOBS}/load/executions`)
    await keep('POST', '/v2/entries:list', { resourceNames: ['projects/local-project'] })
    return { texts, port: new URL(url).port }
  } finally {
    child.kill('SIGTERM')
    await exited
    rmSync(state, { recursive: true, force: true })
  }
}

async function address(child: ChildProcess): Promise<string> {
  const line = await new Promise<string>((done) => child.stdout?.once('data', (data) => done(String(data))))
  return /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0] ?? ''
}

test.skipIf(!existsSync(main))(
  'two processes of one seed tell the same, byte for byte, job executions included',
  async () => {
    const first = await session('0')
    // Callbacks name the port.
    const second = await session(first.port)
    expect(second.texts.filter((text, index) => text !== first.texts[index])).toEqual([])
    expect(new Set(first.texts.join('\n').match(/executions\/load-\w{5}/g)).size).toBe(2)
    expect(first.texts[3]).toContain('"state":"SUCCEEDED"')
  },
)
