import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { connect } from '../deploy/clients.ts'
import { localEnvironment } from '../deploy/environment.ts'
import { NOT_PROBED, PROBES } from '../probes/probes.ts'
import { virtualClock } from '../simulator/clock.ts'
import { startEmulator } from '../simulator/emulator.ts'
import { READINGS } from '../simulator/engine/index.ts'
import { referenceAnswers } from './probe-reference.ts'
import { run } from './program.ts'
import type { Finding } from './probe.ts'

let state = ''
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'dag-probe-test-'))
})
afterEach(() => rmSync(state, { recursive: true, force: true }))

async function dag(...argv: readonly string[]): Promise<{ code: number; out: string; notes: string }> {
  const written = { out: '', notes: '' }
  const output = {
    out: (text: string) => void (written.out += `${text}\n`),
    note: (text: string) => void (written.notes += `${text}\n`),
    bytes: () => undefined,
    terminal: false,
    draw: () => undefined,
    live: false,
    width: 100,
  }
  const code = await run(['probe', ...argv], output, new AbortController().signal)
  return { code, ...written }
}

const only = (...names: readonly string[]) => names.flatMap((name) => ['--only', name])

test('every probe of a reading tells its choices apart; every reading has a probe or a reason for none', async () => {
  const references = await referenceAnswers(PROBES)
  const apart = PROBES.flatMap(({ name, reading }) => {
    const answers = Object.values(references.get(name)!.byChoice)
    return reading === null || new Set(answers).size === answers.length ? [] : [[name, answers]]
  })
  expect(apart).toEqual([])
  const settled = new Set([...PROBES.map(({ reading }) => reading), ...Object.keys(NOT_PROBED)])
  expect(Object.keys(READINGS).filter((name) => !settled.has(name))).toEqual([])
  // Cheap enough to be run by everybody.
  const steps = [...references.values()].reduce((sum, reference) => sum + reference.steps, 0)
  expect(steps).toBeLessThan(2000)
})

test('the emulator answers through the clients as it does in process; nothing is left behind', async () => {
  const { code, out } = await dag(
    '--state',
    state,
    ...only('atomic-claim', 'branch-exit', 'callbacks-in-iterations', 'stack-frames'),
  )
  expect(out).toContain('4 probes: 4 same, 0 differ')
  expect(code).toBe(0)
})

test('a service that answers otherwise: the reading that matches, exit 2, workflows kept if asked', async () => {
  const emulator = await startEmulator({
    stateDir: state,
    project: 'local-project',
    location: 'us-central1',
    images: {},
    clock: virtualClock(0),
    readings: { remainder: 'truncated' },
  })
  const clients = connect(
    localEnvironment({ environments: {}, images: {}, services: {}, sampleServices: {} }, emulator.url),
  )
  const deployed = async () => {
    const [found] = await (
      await clients.workflows()
    ).listWorkflows({ parent: 'projects/local-project/locations/us-central1' })
    return found.map(({ name, labels }) => [name?.replace(/.*\/|-[^-]*$/g, ''), labels])
  }
  try {
    const asked = ['--state', state, '--json', ...only('remainder', 'floor-type')]
    const { code, out } = await dag(...asked)
    const findings = JSON.parse(out) as readonly Finding[]
    expect(code).toBe(2)
    expect(findings.map(({ probe, verdict, matches }) => [probe, verdict, matches])).toEqual([
      ['remainder', 'differs', ['truncated']],
      ['floor-type', 'same', ['integer']],
    ])
    expect(await deployed()).toEqual([])
    await dag(...asked, '--keep')
    expect(await deployed()).toEqual([
      ['dag-probe-floor-type', { 'dag-probe': 'true' }],
      ['dag-probe-remainder', { 'dag-probe': 'true' }],
    ])
  } finally {
    await clients.close()
    await emulator.close()
  }
})

test('the plan counts executions and steps, and deploys nothing', async () => {
  const { code, out } = await dag(
    '--plan',
    '--json',
    ...only('switch-next', 'branch-exit'),
    '--env',
    'nowhere',
  )
  expect(code).toBe(0)
  expect(JSON.parse(out)).toEqual([
    { probe: 'branch-exit', executions: 1, steps: 0 },
    { probe: 'switch-next', executions: 1, steps: 3 },
  ])
})

test('an unknown probe, and an environment without credentials, are refused with a way out', async () => {
  const unknown = await dag('--only', 'everything')
  expect([unknown.code, unknown.notes]).toEqual([1, expect.stringContaining('fix: there are: atomic-claim')])
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', join(state, 'nothing.json'))
  vi.stubEnv('METADATA_SERVER_DETECTION', 'none')
  const real = await dag('--env', 'prod', ...only('remainder'))
  vi.unstubAllEnvs()
  expect(real.code).toBe(1)
  expect(real.notes).toContain('there are no credentials for Google Cloud')
})
