import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { startSampleServices } from './sample-services.ts'

const project = mkdtempSync(join(tmpdir(), 'dag-samples-'))
afterAll(() => rmSync(project, { recursive: true, force: true }))

function start(name: string, text: string | null) {
  const module = `./${name}.ts`
  mkdirSync(join(project, '.dag'), { recursive: true })
  if (text !== null) writeFileSync(join(project, module), text)
  return startSampleServices({
    project,
    config: { sampleServices: { shop: { module, env: 'SHOP_URL' } } },
    date: '2026-03-09',
  })
}

test('a service starts with the date, and its address goes to the steps', async () => {
  const text =
    'export const start = async ({ date }) => ({ url: `http://shop/${date}`, close: async () => {} })'
  const services = await start('good', text)
  expect(services.env).toEqual({ SHOP_URL: 'http://shop/2026-03-09' })
  await services.close()
})

test.each([
  ['no file', null, /^there is no file /],
  ['a file that is no module', 'export const start = (', /^\.\/.* does not start: /],
  ['a module that throws', 'throw new Error("not today")', /does not start: not today$/],
  ['nothing to start', 'export const begin = 1', /does not export start\(\{ date \}\)$/],
  [
    'a start that throws',
    'export const start = () => { throw new Error("no port") }',
    /does not start: no port$/,
  ],
  ['a start that gives nothing', 'export const start = () => {}', /gives no \{ url, close \}$/],
  [
    'a start that gives no address',
    'export const start = () => ({ close() {} })',
    /gives no \{ url, close \}$/,
  ],
])('%s is told with the service that it is', async (name, text, message) => {
  const error = await start(name.replaceAll(' ', '-'), text).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({
    name: 'UserError',
    code: 'DAG801',
    place: 'dag.config.ts: sampleServices.shop',
    hint: expect.stringMatching(/./),
    message: expect.stringMatching(message),
  })
})
