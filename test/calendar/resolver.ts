import { z } from 'zod'
import type { Schedule } from '../../dsl/index.ts'
import { printWorkflow, validateWorkflow } from '../../language/index.ts'
import { virtualClock } from '../../simulator/clock.ts'
import { compileWorkflow, parseJson, writeJson } from '../../simulator/engine/index.ts'
import { testHost } from '../../simulator/engine/testing/host.ts'
import { resolveRun } from '../../compiler/lower/calendar.ts'
import {
  assign,
  document,
  expr,
  forEach,
  list,
  loopRange,
  returns,
  step,
  subworkflow,
} from '../../language/index.ts'

interface Resolved {
  /** What `main` has as its argument once the run is resolved. */
  readonly run: Readonly<Record<string, unknown>>
  readonly steps: number
}

/** A workflow that resolves its run and returns it, as something that can be started at any time. */
export interface Resolver {
  readonly source: string
  at(nowMs: number, argument?: unknown): Promise<Resolved>
}

/** Walks back over the ticks of a schedule, `count` of them before a moment in seconds; the last one first. */
export type Walker = (before: number, count: number) => Promise<readonly number[]>

export function walkerOf(schedule: Schedule): Walker {
  const { subworkflows } = resolveRun({ schedule, params: z.object({}) })
  const each = step(
    'step_back',
    assign([
      ['t', expr('last_tick(t - 60)')],
      ['ticks', expr('list.concat(ticks, t)')],
    ]),
  )
  const main = subworkflow(
    'main',
    ['args'],
    [
      step('start', assign({ t: expr('args.before'), ticks: list([]) })),
      step('walk', forEach(loopRange('number', '[1, args.count]', [each]))),
      step('walked', returns(expr('ticks'))),
    ],
  )
  const compiled = compileWorkflow(document([main, ...subworkflows]))
  return async (before, count) => {
    const { value } = await execute(compiled, 0, { before, count })
    return value as readonly number[]
  }
}

/** Lowers the calendar of a schedule and compiles it for the engine. Throws where a deployment would refuse it. */
export function resolverOf(schedule: Schedule | null, params: z.ZodObject = z.object({})): Resolver {
  const { steps, subworkflows } = resolveRun({ schedule, params })
  const main = subworkflow('main', ['args'], [...steps, step('resolved', returns(expr('args')))])
  const workflow = document([main, ...subworkflows])
  const source = printWorkflow(workflow)
  const problems = validateWorkflow(workflow, Buffer.byteLength(source))
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('\n'))
  const compiled = compileWorkflow(workflow)
  return {
    source,
    async at(nowMs, argument = null) {
      const { value, steps: taken } = await execute(compiled, nowMs, argument)
      return { run: value as Resolved['run'], steps: taken }
    },
  }
}

async function execute(compiled: ReturnType<typeof compileWorkflow>, nowMs: number, argument: unknown) {
  const execution = compiled.execute({
    host: testHost({ clock: virtualClock(nowMs) }),
    history: { started: () => undefined, ended: () => undefined },
    argument: parseJson(JSON.stringify(argument)),
  })
  const outcome = await execution.outcome
  if (outcome.state !== 'SUCCEEDED') {
    throw new Error(outcome.state === 'FAILED' ? outcome.error.payload : outcome.state)
  }
  return { value: JSON.parse(writeJson(outcome.result)) as unknown, steps: execution.billedSteps() }
}
