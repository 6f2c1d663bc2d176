import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readMockFile } from './mocks.ts'
import { testProject, type TestProject } from './testing/project.ts'

const reports = mkdtempSync(join(tmpdir(), 'dag-reports-'))
// Outside of the project, where its name does not depend on the working directory.
const report = ['--report', join(reports, 'run.html')]

let project: TestProject
beforeAll(() => {
  project = testProject({
    'steps/contract.ts': `import { z } from 'dagwright'
      import { defineContract } from 'dagwright/steps'
      const contract = (name: string, input: z.ZodObject) => defineContract({ name: 'news/' + name, image: 'news', input,
        output: z.object({ stories: z.array(z.string()) }) })
      export const fetchNews = contract('fetch', z.object({ day: z.string() }))
      export const sendNews = contract('send', z.object({ stories: z.array(z.string()) }))`,
    'dags/news/dag.ts': `import { dag, cron } from 'dagwright'
      import { fetchNews, sendNews } from '../../steps/contract.ts'
      export default dag('news', { description: 'News', schedule: cron('0 6 * * *', 'Etc/UTC'), defaults: { retries: 1 } },
        ({ run, task }) => {
          const news = task('fetch_news', fetchNews, { day: run.date })
          task('send_news', sendNews, { stories: news.stories })
        })`,
    'dag.config.ts': "export default { images: { news: { command: ['false'] } } }",
  })
})
afterAll(() => {
  project.remove()
  rmSync(reports, { recursive: true, force: true })
})

const simulate = (...args: readonly string[]) =>
  project.dag('simulate', 'news', '--date', '2026-03-09', '--json', '--seed', '3', ...report, ...args)

const statesOf = (out: string) => {
  const { tasks } = JSON.parse(out) as { tasks: { id: string; state: string }[] }
  return Object.fromEntries(tasks.map(({ id, state }) => [id, state]))
}

describe('dag simulate --mock', () => {
  it('runs with what a module says in place of services', async () => {
    const module = `
      import { mock } from 'dagwright/testing'
      import { fetchNews, sendNews } from './steps/contract.ts'
      export const mocks = {
        fetch_news: mock(fetchNews, ({ day }) => ({ stories: [day] })),
        send_news: mock(sendNews, ({ stories }) => {
          if (stories[0] !== '2026-03-09') throw new Error('no news of the day: ' + stories)
          return { stories }
        }),
      }`
    const mocks = project.file('mocks.ts', module)
    const good = await simulate('--mock', mocks)
    expect(good.code, good.note).toBe(0)
    expect(statesOf(good.out)).toEqual({ fetch_news: 'success', send_news: 'success' })

    const wrong = await simulate('--date', '2026-03-10', '--mock', mocks)
    expect(wrong.code).toBe(1)
    expect(wrong.note).toMatch(
      /DAG707 the mock of task send_news threw Error: no news of the day: 2026-03-10\n {2}at mocks\.ts:\d+\n/,
    )
    expect(wrong.note).not.toContain('internal error')
  })

  it('runs a part of the DAG with what the rest gave', async () => {
    const mocks = [
      '--mock',
      project.file('two.json', '{"fetch_news": {"stories": ["a"]}, "send_news": {"stories": []}}'),
    ]
    const other = ['--date', '2026-03-11']
    const missing = await simulate(...other, '--from', 'send_news', '--skip', 'send_news')
    expect(missing.code).toBe(1)
    expect(missing.note).toMatch(
      /DAG705 task fetch_news does not run, and run manual__2026-03-11\S+ has no result of it/,
    )
    expect((await simulate(...other, ...mocks)).code).toBe(0)
    const only = await simulate(...other, '--only', 'send_news', '--fail', 'send_news')
    expect(only.code, only.note).toBe(2)
    expect(statesOf(only.out)).toEqual({ fetch_news: 'success', send_news: 'failed' })
    expect(only.note).toContain('the simulation lets task send_news fail')
  })

  it('refuses an unknown task', async () => {
    const { code, note } = await simulate('--fail', 'fetch_new')
    expect(code).toBe(1)
    expect(note).toMatch(/DAG701 fail names "fetch_new".*did you mean "fetch_news"/s)
  })

  it.each([
    ['broken.json', '{', 'the mocks cannot be read'],
    ['list.json', '[]', 'this is no map of mocks by task id'],
    ['broken.mjs', 'export const mocks = ', 'the mocks cannot be read'],
  ])('refuses %s', async (name, text, message) => {
    await expect(readMockFile(project.folder, project.file(name, text))).rejects.toThrow(message)
  })
})
