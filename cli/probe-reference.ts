import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { localNames } from '../deploy/environment.ts'
import type { ProbeEnd } from '../probes/answer.ts'
import { probeSource, type Probe } from '../probes/probes.ts'
import { virtualClock } from '../simulator/clock.ts'
import { startEmulator, type Emulator } from '../simulator/emulator.ts'
import { READINGS, type Readings } from '../simulator/engine/index.ts'

/** What the emulator answers to a probe. */
export interface Reference {
  /** Under the default readings. */
  readonly expected: string
  /** By the choices of the probe's reading; empty where it has none. */
  readonly byChoice: Readonly<Record<string, string>>
  /** Billed steps under the default readings; 0 where deployment refuses. */
  readonly steps: number
}

/** Runs probes in emulators of their own, one for each choice of each reading that they ask about. */
export async function referenceAnswers(probes: readonly Probe[]): Promise<ReadonlyMap<string, Reference>> {
  const standard = await inEmulator({}, probes)
  const answers = new Map<string, Reference>()
  for (const probe of probes) {
    const own = standard.get(probe.name)!
    const expected = probe.judge(own.end)
    const byChoice: Record<string, string> = {}
    if (probe.reading !== null) {
      const [first, ...others] = READINGS[probe.reading].readings
      byChoice[first] = expected
      for (const choice of others) {
        const readings: Partial<Readings> = { [probe.reading]: choice }
        byChoice[choice] = probe.judge((await inEmulator(readings, [probe])).get(probe.name)!.end)
      }
    }
    answers.set(probe.name, { expected, byChoice, steps: own.steps })
  }
  return answers
}

interface Ended {
  readonly end: ProbeEnd
  readonly steps: number
}

async function inEmulator(
  readings: Partial<Readings>,
  probes: readonly Probe[],
): Promise<ReadonlyMap<string, Ended>> {
  const stateDir = await mkdtemp(join(tmpdir(), 'dag-probe-'))
  const steps = new Map<string, number>()
  const emulator = await startEmulator({
    project: localNames.project,
    location: localNames.region,
    stateDir,
    clock: virtualClock(Date.now()),
    images: {},
    brief: true,
    readings,
    onExecutionEvent: (event) => {
      if (event.kind === 'execution_ended') steps.set(event.execution.name, event.billedSteps)
    },
  })
  try {
    const ended = new Map<string, Ended>()
    for (const probe of probes) {
      const { end, execution } = await run(emulator, probe)
      ended.set(probe.name, { end, steps: steps.get(execution) ?? 0 })
    }
    return ended
  } finally {
    await emulator.close()
    await rm(stateDir, { recursive: true, force: true })
  }
}

const PARENT = `/v1/projects/${localNames.project}/locations/${localNames.region}/workflows`

interface Operation {
  readonly error?: { readonly message: string }
}

interface Execution {
  readonly name: string
  readonly state: string
  readonly result?: string
  readonly error?: {
    readonly payload: string
    readonly stackTrace?: { readonly elements: readonly unknown[] }
  }
}

async function run(
  { dispatch, clock }: Emulator,
  probe: Probe,
): Promise<{ readonly end: ProbeEnd; readonly execution: string }> {
  const ask = async (method: 'GET' | 'POST', path: string, body: unknown = {}): Promise<unknown> => {
    const [plain = '', query = ''] = path.split('?')
    const answer = await dispatch({
      method,
      path: plain,
      query: new URLSearchParams(query),
      headers: { 'content-type': 'application/json' },
      body: method === 'GET' ? new Uint8Array() : new TextEncoder().encode(JSON.stringify(body)),
    })
    return answer.body !== undefined && 'json' in answer.body ? answer.body.json : {}
  }
  const source = { sourceContents: probeSource(probe) }
  const { error } = (await ask('POST', `${PARENT}?workflowId=${probe.name}`, source)) as Operation
  if (error !== undefined) return { end: { kind: 'refused', message: error.message }, execution: '' }
  const { name } = (await ask('POST', `${PARENT}/${probe.name}/executions`)) as Execution
  for (;;) {
    const execution = (await ask('GET', `/v1/${name}`)) as Execution
    if (execution.state === 'ACTIVE') {
      await clock.sleep(1)
      continue
    }
    return { end: endOf(execution), execution: name }
  }
}

function endOf({ state, result, error }: Execution): ProbeEnd {
  if (state === 'SUCCEEDED') return { kind: 'succeeded', result: result ?? 'null' }
  return {
    kind: 'failed',
    payload: error?.payload ?? 'null',
    frames: error?.stackTrace?.elements.length ?? 0,
  }
}
