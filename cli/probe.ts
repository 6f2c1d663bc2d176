import type { Clients } from '../deploy/clients.ts'
import { UserError } from '../deploy/user-error.ts'
import { PROBES, probeSource, type Probe } from '../probes/probes.ts'
import { READINGS } from '../simulator/engine/index.ts'
import { exit, type CommandInput, type Output } from './command.ts'
import { openConnection } from './connection.ts'
import { referenceAnswers, type Reference } from './probe-reference.ts'
import { clientTarget, type ProbeTarget } from './probe-target.ts'
import { fitWidth, textTable } from './text-table.ts'

/** What came of a probe. */
export interface Finding {
  readonly probe: string
  readonly question: string
  readonly answer: string
  /** The emulator's, under the default readings. */
  readonly expected: string
  readonly reading: string | null
  readonly default: string | null
  /** Choices of the reading under which the emulator answers the same. */
  readonly matches: readonly string[]
  readonly verdict: 'same' | 'differs'
}

/** Asks an environment what the documentation leaves open. */
export async function runProbes(input: CommandInput): Promise<number> {
  const { options, output } = input
  const probes = chosenProbes(options.list('only'))
  const references = await referenceAnswers(probes)
  if (options.flag('plan')) {
    output.out(
      options.flag('json') ? JSON.stringify(plan(probes, references), null, 2) : planText(probes, references),
    )
    return exit.success
  }
  const connection = await openConnection(input)
  try {
    await checkCredentials(connection.clients)
    const target = clientTarget(connection.clients, input.signal)
    const findings = await ask(probes, references, target, { keep: options.flag('keep'), output })
    output.out(options.flag('json') ? JSON.stringify(findings, null, 2) : findingsText(findings))
    return findings.every(({ verdict }) => verdict === 'same') ? exit.success : exit.runFailed
  } finally {
    await connection.close()
  }
}

function chosenProbes(only: readonly string[]): readonly Probe[] {
  for (const name of only) {
    if (PROBES.some((probe) => probe.name === name)) continue
    throw new UserError('DAG605', `no probe is called ${name}`, {
      place: `--only ${name}`,
      hint: `there are: ${PROBES.map((probe) => probe.name).join(', ')}`,
    })
  }
  return only.length === 0 ? PROBES : PROBES.filter(({ name }) => only.includes(name))
}

/** On Google Cloud nothing works without; better said at once than in the words of the first call that fails. */
async function checkCredentials(clients: Clients): Promise<void> {
  const { environment } = clients
  if (environment.emulator !== null) return
  try {
    if ((await clients.token()) !== null) return
  } catch (error) {
    throw noCredentials(environment.name, error)
  }
  throw noCredentials(environment.name, undefined)
}

function noCredentials(environment: string, cause: unknown): UserError {
  return new UserError('DAG805', 'there are no credentials for Google Cloud', {
    place: `--env ${environment}`,
    hint:
      'run `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS;\n' +
      '`dag probe --env local` asks the emulator and needs none',
    cause,
  })
}

async function ask(
  probes: readonly Probe[],
  references: ReadonlyMap<string, Reference>,
  target: ProbeTarget,
  { keep, output }: { readonly keep: boolean; readonly output: Output },
): Promise<readonly Finding[]> {
  // Others may probe the same project.
  const run = Date.now().toString(36)
  const findings: Finding[] = []
  for (const probe of probes) {
    const workflow = `dag-probe-${probe.name}-${run}`
    output.note(`${probe.name}: ${probe.question}`)
    try {
      const end = await target.run(workflow, probeSource(probe))
      findings.push(finding(probe, probe.judge(end), references.get(probe.name)!))
    } finally {
      if (!keep) await target.remove(workflow)
    }
  }
  return findings
}

function finding(probe: Probe, answer: string, { expected, byChoice }: Reference): Finding {
  return {
    probe: probe.name,
    question: probe.question,
    answer,
    expected,
    reading: probe.reading,
    default: probe.reading === null ? null : READINGS[probe.reading].readings[0],
    matches: Object.keys(byChoice).filter((choice) => byChoice[choice] === answer),
    verdict: answer === expected ? 'same' : 'differs',
  }
}

function findingsText(findings: readonly Finding[]): string {
  const table = textTable(
    ['probe', 'question', 'answer', 'our reading', 'matches', ''].map((title) => ({ title })),
    findings.map(({ probe, question, answer, expected, reading, default: standard, matches, verdict }) => [
      probe,
      question,
      fitWidth(answer, 48),
      reading === null ? fitWidth(expected, 32) : `${reading}=${standard}`,
      reading === null ? '' : matches.join(', ') || 'none',
      verdict,
    ]),
  )
  const different = findings.filter(({ verdict }) => verdict === 'differs').length
  return `${table}\n\n${findings.length} probes: ${findings.length - different} same, ${different} differ`
}

interface Planned {
  readonly probe: string
  readonly executions: number
  readonly steps: number
}

/** Each probe is executed once; the steps are those that the emulator bills. */
function plan(probes: readonly Probe[], references: ReadonlyMap<string, Reference>): readonly Planned[] {
  return probes.map(({ name }) => {
    const { steps } = references.get(name)!
    return { probe: name, executions: 1, steps }
  })
}

function planText(probes: readonly Probe[], references: ReadonlyMap<string, Reference>): string {
  const planned = plan(probes, references)
  const total = planned.reduce((sum, { steps }) => sum + steps, 0)
  const table = textTable(
    [{ title: 'probe' }, { title: 'executions', align: 'right' }, { title: 'steps', align: 'right' }],
    planned.map(({ probe, executions, steps }) => [probe, String(executions), String(steps)]),
  )
  return `${table}\n\n${planned.length} workflows, ${planned.length} executions, about ${total} steps; one query job that reads nothing`
}
