import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { containerScript, testProject, type TestProject } from './testing/project.ts'

const greeter = containerScript(`
console.log(JSON.stringify({ severity: 'INFO', message: 'greeting ' + input.name, ...run }))
const outcome = input.name === 'nobody'
  ? { error: { code: 'nobody', message: 'there is nobody to greet', retryable: false } }
  : { output: { greeting: 'hello ' + input.name } }
`)

let project: TestProject
beforeAll(() => {
  project = testProject({
    'dags/hello/dag.ts': readFileSync(join(import.meta.dirname, '../test/fixtures/hello/dag.ts'), 'utf8'),
    'dags/pair/dag.ts': `
      import { dag, z } from 'dagwright'
      import { defineContract } from 'dagwright/steps'
      const contract = (name, input) => defineContract({ name: 'pair/' + name, image: 'greeter', input, output: z.object({ greeting: z.string() }) })
      export default dag('pair', { description: 'One after the other' }, ({ task, empty }) => {
        const first = task('first', contract('first', z.object({ name: z.string() })), { name: 'you' })
        task('second', contract('second', z.object({ name: z.string() })), { name: first.greeting })
        empty('done_all', { after: first })
      })`,
    'dag.config.ts': `export default { images: { greeter: { command: ${JSON.stringify([process.execPath, '-e', greeter])} } } }`,
  })
})
afterAll(() => project.remove())

describe('dag task run', () => {
  it('tries a step with what the run would give it', async () => {
    const { code, out, note } = await project.dag('task', 'run', 'hello', 'greet', '--date', '2026-03-09')
    expect(code, note).toBe(0)
    expect(out).toMatch(/^task {5}greet, as in run manual__2026-03-09t07-00-00z\n/)
    expect(out).toContain('input    {\n  "name": "world"\n}')
    expect(out).toMatch(/log {6}\S+ INFO +greet {2}greeting world/)
    expect(out).toContain('output   {\n  "greeting": "hello world"\n}')
    expect(out).toMatch(/took {5}\S+/)
  })

  it('tries it with a given input, and fails with its error', async () => {
    const { code, out } = await project.dag(
      'task',
      'run',
      'hello',
      'greet',
      '--json',
      '--input',
      '{"name":"nobody"}',
    )
    expect(code).toBe(2)
    expect(JSON.parse(out)).toMatchObject({
      state: 'failed',
      input: { name: 'nobody' },
      error: { code: 'nobody', message: 'there is nobody to greet' },
    })
  })

  it('builds a model', async () => {
    const { code, out, note } = await project.dag(
      'task',
      'run',
      'hello',
      'dmt_latest',
      '--date',
      '2026-03-09',
      '--json',
    )
    expect(code, `${note}${out}`).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      state: 'success',
      output: { table: 'hello_dmt.latest', rows: 0 },
    })
  })

  it.each<[string, readonly string[], RegExp]>([
    ['an unknown task', ['hello', 'gret'], /DAG hello has no task gret[\s\S]*did you mean "greet"/],
    ['a task of another kind', ['pair', 'done_all'], /of kind empty[\s\S]*dag simulate pair --only done_all/],
    [
      'an input that nobody knows',
      ['pair', 'second'],
      /comes from first, and run manual__\S+ has no result of that[\s\S]*--input/,
    ],
  ])('refuses %s', async (_what, args, message) => {
    const { code, note } = await project.dag('task', 'run', ...args)
    expect(code).toBe(1)
    expect(note).toMatch(message)
  })
})
