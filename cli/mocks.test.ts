import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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
    expect(wrong.note).toContain('no news of the day: 2026-03-10')
  })

  it('lets a task go wrong', async () => {
    const mocks = [
      '--mock',
      project.file('mocks.json', '{"fetch_news": {"stories": []}, "send_news": {"stories": []}}'),
    ]
    const { code, out, note } = await simulate(...mocks, '--time-out', 'fetch_news')
    expect(code, note).toBe(2)
    expect(statesOf(out)).toEqual({ fetch_news: 'failed', send_news: 'upstream_failed' })
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
    const only = await simulate(...other, '--only', 'send_news', '--skip', 'send_news')
    expect(only.code, only.note).toBe(0)
    expect(statesOf(only.out)).toEqual({ fetch_news: 'success', send_news: 'skipped' })
  })

  it.each<[string, readonly string[], RegExp]>([
    ['both of --only and --from', ['--only', 'fetch_news', '--from', 'send_news'], /exclude each other/],
    ['an unknown task to begin with', ['--from', 'fetch'], /DAG701 from names "fetch"/],
    ['an unknown task', ['--fail', 'fetch_new'], /DAG701 fail names "fetch_new".*did you mean "fetch_news"/s],
    ['no file', ['--mock', 'none.ts'], /the mocks cannot be read/],
  ])('refuses %s', async (_what, args, message) => {
    const { code, note } = await simulate(...args)
    expect(code).toBe(1)
    expect(note).toMatch(message)
  })

  it.each([
    ['{"fetch_news": {"rows": 3}}', /DAG702 the mock of task fetch_news/],
    ['{', /the mocks cannot be read/],
    ['[]', /this is no map of mocks/],
  ])('refuses mocks such as %s', async (text, message) => {
    const { code, note } = await simulate('--mock', project.file('wrong.json', text))
    expect(code).toBe(1)
    expect(note).toMatch(message)
  })
})
