import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { dag, type DagDefinition } from './index.ts'
import type { StepContract, TaskOptions } from './index.ts'

const fetch = contract(
  'test/fetch',
  z.object({ from: z.string().optional() }),
  z.object({ rows: z.array(z.string()) }),
)
const load = contract('test/load', z.object({ rows: z.array(z.string()) }), z.object({}))

function contract<I extends z.ZodObject, O extends z.ZodObject>(name: string, input: I, output: O) {
  return {
    kind: 'step_contract',
    name,
    image: 'steps',
    input,
    output,
    idempotency: 'idempotent',
    timeoutSeconds: 600,
    resources: { cpu: '1', memory: '512Mi' },
    env: [],
    secrets: {},
  } as const satisfies StepContract
}

describe('dag', () => {
  it('is plain data, frozen, with the lines of its declarations', () => {
    const definition = dag('shop', { description: 'Sales' }, ({ run, task, group }) => {
      const rows = task('fetch', fetch, { from: run.date })
      group('loads', () => {
        group('inner', () => task('load', load, { rows: rows.rows }, { after: rows, retries: 2 }))
      })
    })
    expect(definition.problems).toEqual([])
    expect(Object.isFrozen(definition)).toBe(true)
    const start = definition.at?.line ?? 0
    expect(definition.at?.file).toBe(import.meta.filename)
    expect(definition.tasks.map((task) => [task.id, task.group, (task.at?.line ?? 0) - start])).toEqual([
      ['fetch', null, 1],
      ['load', 'loads.inner', 3],
    ])
    expect(definition.groups.map((group) => group.path)).toEqual(['loads', 'loads.inner'])
    expect(definition.tasks[1]).toMatchObject({
      kind: 'step',
      after: [{ kind: 'task', id: 'fetch' }],
      input: {
        kind: 'map',
        entries: [
          { key: 'rows', value: { kind: 'ref', ref: { source: { task: 'fetch' }, path: ['rows'] } } },
        ],
      },
    })
  })

  it('gives what a group declared, and the group itself to come after', () => {
    const definition = dag('shop', { description: 'Sales' }, ({ task, group }) => {
      const loads = group('loads', () => ({ last: task('load', load, { rows: [] }) }))
      task('mail', fetch, {}, { after: [loads, loads.value.last] })
    })
    expect(definition.tasks[1]?.after).toEqual([
      { kind: 'group', id: 'loads' },
      { kind: 'task', id: 'load' },
    ])
  })

  it('fills retries from the task, then the defaults, then the standard', () => {
    const retryOf = (defaults: TaskOptions, options: TaskOptions) =>
      dag('shop', { description: 'x', defaults }, ({ task }) => {
        task('fetch', fetch, {}, options)
      }).tasks[0]
    expect(retryOf({}, {})).toMatchObject({
      retry: { retries: 0, delaySeconds: 300, backoff: 1, maxDelaySeconds: 300 },
      timeoutSeconds: 600,
    })
    expect(
      retryOf({ retries: 3, retryBackoff: 2, timeout: '1h' }, { retries: 1, retryDelay: '30s' }),
    ).toMatchObject({
      retry: { retries: 1, delaySeconds: 30, backoff: 2, maxDelaySeconds: 86_400 },
      timeoutSeconds: 3600,
    })
    expect(retryOf({ maxRetryDelay: '1m' }, { retryDelay: '5m' })).toMatchObject({
      retry: { delaySeconds: 60, maxDelaySeconds: 60 },
    })
  })

  it('collects every mistake', () => {
    const definition = dag('Shop', { description: '' }, ({ task }) => {
      task('fetch', fetch, {}, { retries: 1.5 })
      task('fetch', load, {} as { rows: string[] })
    })
    expect(codesOf(definition)).toEqual(['DAG101', 'DAG104', 'DAG104', 'DAG102', 'DAG208'])
  })

  it('is told what it lacks where it is written without types', () => {
    const given = dag as unknown as (...parts: readonly unknown[]) => DagDefinition
    expect(codesOf(given('shop', { description: 'x' }))).toEqual(['DAG104'])
    expect(codesOf(given())).toContain('DAG104')
    expect(codesOf(given(null, null, null))).toContain('DAG104')
  })

  it('keeps what was declared before a mistake that ends the callback', () => {
    const definition = dag('shop', { description: 'x' }, ({ task }) => {
      const rows = task('fetch', fetch, {})
      task('load', load, { rows: [`${rows.rows[0] as unknown as string}!`] })
    })
    expect(codesOf(definition)).toEqual(['DAG201'])
    expect(definition.tasks).toHaveLength(1)
  })

  it('lets errors that are none of its own through', () => {
    const broken = () =>
      dag('shop', { description: 'x' }, () => {
        throw new RangeError('mine')
      })
    expect(broken).toThrow(RangeError)
  })

  it('may return a reference from its callback', () => {
    expect(dag('shop', { description: 'x' }, ({ task }) => task('fetch', fetch, {})).problems).toEqual([])
  })
})

function codesOf(definition: DagDefinition): readonly string[] {
  return definition.problems.map((problem) => problem.code)
}
