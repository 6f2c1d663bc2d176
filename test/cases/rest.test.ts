import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { EmulatorOptions } from '../../simulator/emulator.ts'
import { expectConnectorRow, runConnectorOverRest, stubService } from './connector-run.ts'
import { expectEngineRow, type EngineOutcome } from './engine-run.ts'
import { startRestCloud, type RestCloud } from './rest-cloud.ts'
import { deploy, runOverRest } from './rest-run.ts'
import { startStubServer, type StubServer } from './stub-server.ts'
import {
  connectorTables,
  engineTables,
  labelOf,
  languageTables,
  type EngineRow,
  type LanguageRow,
} from './tables.ts'

/**
 * Every row of the case tables through the emulator's REST API, on a loopback port. Rows of the same readings share an
 * emulator; those whose outcome depends on the hour have one of their own, whose clock begins where the engine's does.
 */
const service = stubService()
let server: StubServer
const clouds = new Map<string, Promise<RestCloud>>()
const outcomes = new Map<string, () => void>()

const engine = engineTables().flatMap(({ name, rows }) =>
  rows.map((row, index) => ({ id: idOf(name, index), label: labelOf(name, row), row })),
)
const language = languageTables().flatMap(({ name, rows }) =>
  rows.map((row, index) => ({ id: idOf(name, index), label: labelOf(name, row), row })),
)
const connectors = connectorTables().flatMap(({ name, rows }) =>
  rows.map((row, index) => ({ id: idOf(name, index), label: labelOf(name, row), row })),
)

/** A workflow id that no other row has. */
function idOf(table: string, index: number): string {
  return `${table.replace('/', '-')}-${index}`
}

function cloudFor(key: string, options: Partial<EmulatorOptions>): Promise<RestCloud> {
  const known = clouds.get(key)
  if (known !== undefined) return known
  const started = startRestCloud({
    ...options,
    apis: [service],
    // Rows share a clock, and one row's year must not take another's answer away.
    retentionDays: Number.POSITIVE_INFINITY,
  })
  clouds.set(key, started)
  return started
}

/** Runs one row; what it came to is looked at by the row's own test. */
async function keep(id: string, run: () => Promise<() => void>): Promise<void> {
  try {
    outcomes.set(id, await run())
  } catch (error) {
    outcomes.set(id, () => {
      throw error
    })
  }
}

const dependsOnTime = /sys\.now|sleep_until/

beforeAll(async () => {
  server = await startStubServer()
  await inTurns(
    20,
    engine.filter(({ row }) => row.notOverRest === undefined),
    ({ id, row }) =>
      keep(id, async () => {
        // Real requests take real time, which the clock of an emulator shows to everyone.
        const own =
          dependsOnTime.test(row.source ?? row.expr ?? '') ||
          row.answers?.['http'] !== undefined ||
          row.seconds !== undefined
        const { readings = {}, seed } = row
        const cloud = await cloudFor(`${own ? id : ''} ${JSON.stringify(readings)} ${seed}`, {
          readings,
          ...(seed !== undefined && { seed: Number(seed) }),
        })
        const outcome = await runOverRest(row, id, cloud, server)
        return () => expectDeployed(row, outcome)
      }),
  )
  await inTurns(20, language, ({ id, row }) =>
    keep(id, async () => {
      const { readings = {} } = row
      const cloud = await cloudFor(` ${JSON.stringify(readings)} undefined`, { readings })
      const message = await deploy(cloud, PARENT, id, { sourceContents: row.source })
      return () => expectRefusal(row, message)
    }),
  )
  // One after the other: they share the stub of Google's APIs.
  await inTurns(
    1,
    connectors.filter(({ row }) => row.notOverRest === undefined),
    ({ id, row }) =>
      keep(id, async () => {
        const { readings = {} } = row
        const cloud = await cloudFor(`connectors ${JSON.stringify(readings)}`, {
          readings,
          project: 'own-project',
        })
        const outcome = await runConnectorOverRest(row, id, cloud, { service, server })
        return () => expectConnectorRow(row, outcome)
      }),
  )
}, 180_000)

afterAll(async () => {
  await server.close()
  await Promise.all([...clouds.values()].map(async (cloud) => (await cloud).close()))
}, 60_000)

/** Where the engine alone raises an error, a deployment may refuse the source already. */
function expectDeployed(row: EngineRow, outcome: EngineOutcome): void {
  const { deployment, ...rest } = row
  if (deployment === undefined) expectEngineRow(rest, outcome)
  else expect(outcome.refused).toContain(deployment)
}

const PARENT = 'projects/test-project/locations/us-central1/workflows'

/** The service's message is made of the problems: the first as it is, each of the others with its place. */
function expectRefusal({ problems }: LanguageRow, message: string | null): void {
  const parts = problems.map((problem) => {
    const [, place = '', text = ''] = /^(\d+:\d+) [\w-]+: ([^]*)$/.exec(problem) ?? []
    return { place, text: text.replace('failed to build: ', '') }
  })
  if (parts.length === 0) return expect(message).toBeNull()
  for (const { text } of parts.slice(0, 20)) expect(message).toContain(text)
  for (const { place } of parts.slice(1, 20)) expect(message).toContain(`main.yaml:${place}: `)
  expect(message?.startsWith('failed to build: ')).toBe(true)
}

describe('the case tables over REST', () => {
  test.each([...engine, ...language, ...connectors].filter(({ row }) => row.notOverRest === undefined))(
    '$label',
    ({ id }) => outcomes.get(id)!(),
  )

  test('few rows are not run over REST, and each says why', () => {
    const left = [...engine, ...language, ...connectors].filter(({ row }) => row.notOverRest !== undefined)
    expect(left.every(({ row }) => row.notOverRest!.length > 10)).toBe(true)
    expect(left.length).toBeLessThanOrEqual(FEW)
  })
})

/** Of more than 1,200. Whoever needs more than these has found something that the emulator should do. */
const FEW = 16

/** At most so many at a time. */
async function inTurns<T>(
  width: number,
  items: readonly T[],
  run: (item: T) => Promise<void>,
): Promise<void> {
  const left = items.values()
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const item of left) await run(item)
    }),
  )
}
