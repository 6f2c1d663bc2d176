import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { testProject, type TestProject } from './testing/project.ts'

/** What goes wrong outside of dagwright, as the command line tells it. */

const environment = {
  project: 'some-project',
  region: 'us-central1',
  bucket: 'some-project-data',
  datasetLocation: 'US',
  images: {},
}
const folder = mkdtempSync(join(tmpdir(), 'dag-outside-'))
let project: TestProject
let taken: Server

beforeAll(async () => {
  project = testProject({
    'dag.config.mjs': `export default ${JSON.stringify({ environments: { prod: environment } })}`,
    'key.json': 'no JSON',
  })
  taken = createServer()
  await new Promise<void>((listening) => taken.listen(0, '127.0.0.1', listening))
})
afterAll(async () => {
  project.remove()
  rmSync(folder, { recursive: true, force: true })
  await new Promise((closed) => taken.close(closed))
})
afterEach(() => void vi.unstubAllEnvs())

describe('without usable credentials', () => {
  test.each([
    ['runs', 'list'],
    ['runs', 'show', 'x'],
    ['runs', 'logs', 'x'],
    ['runs', 'cancel', 'x'],
    ['rerun', 'x'],
    ['approve', 'x', 'y'],
  ])('dag %s %s says so', async (...command) => {
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', join(folder, 'none.json'))
    const { code, note } = await project.dag(...command, '--env', 'prod')
    expect(code).toBe(1)
    expect(note).toMatch(
      /^DAG805 there are no credentials for Google Cloud: .*\n {2}at environment prod\n {2}fix: sign in with .*\(dag explain DAG805\)\n$/,
    )
  })

  test('a key file that is none is told in one line', async () => {
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', project.file('key.json', 'no JSON'))
    const { code, note } = await project.dag('runs', 'list', '--env', 'prod')
    expect(code).toBe(1)
    expect(note).toMatch(
      /^DAG805 there are no credentials for Google Cloud: .*JSON.*\n {2}at environment prod\n {2}fix: /,
    )
  })
})

test('a port that is in use', async () => {
  const { port } = taken.address() as AddressInfo
  const { code, note } = await project.dag('emulator', '--port', String(port))
  expect(code).toBe(1)
  expect(note).toMatch(/^DAG606 another process listens on port \d+\n.*\n {2}fix: choose another port/)
})
