import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { cloudEnvironment, localEnvironment } from './environment.ts'
import { loadConfig, parseConfig } from './load-config.ts'

const prod = {
  project: 'my-project',
  region: 'us-central1',
  bucket: 'my-data',
  datasetLocation: 'US',
  images: { steps: 'registry/steps:1' },
}

function project(config: string | null): string {
  const folder = mkdtempSync(join(tmpdir(), 'dag-config-'))
  if (config !== null) writeFileSync(join(folder, 'dag.config.ts'), config)
  return folder
}

describe('parseConfig', () => {
  const cases: [string, unknown, RegExp][] = [
    ['an unknown key', { environment: {} }, /environment/],
    [
      'a missing key',
      { environments: { prod: { ...prod, bucket: undefined } } },
      /^environments\.prod\.bucket: /,
    ],
    [
      'a bucket written as a URL',
      { environments: { prod: { ...prod, bucket: 'gs://x' } } },
      /without gs:\/\//,
    ],
    ['a region that is none', { environments: { prod: { ...prod, region: 'US' } } }, /not a region/],
    [
      'an environment called local',
      { environments: { local: prod } },
      /environments\.local: `local` is built in/,
    ],
    ['an empty command', { images: { steps: { command: [] } } }, /^images\.steps\.command: /],
    ['prices of nobody', { prices: { cpu: { usd: 1 } } }, /^prices\.of: /],
    ['a price below nothing', { prices: { of: 'us', cpu: { usd: -1 } } }, /^prices\.cpu\.usd: /],
    ['a price as a text', { prices: { of: 'us', cpu: '1 USD' } }, /^prices\.cpu: /],
    ['a price of nothing known', { prices: { of: 'us', disk: { usd: 1 } } }, /^prices: .*disk/],
    ['no configuration at all', 'prod', /whole configuration/],
  ]
  test.each(cases)('refuses %s, naming key and file', (_, value, message) => {
    expect(() => parseConfig(value, 'dag.config.ts')).toThrow(
      expect.objectContaining({
        name: 'UserError',
        place: 'dag.config.ts',
        message: expect.stringMatching(message),
      }),
    )
  })

  test('all problems are reported together', () => {
    expect(() => parseConfig({ environments: { prod: { project: 'x' } } }, 'f')).toThrow(
      /project.*\n.*region.*\n.*bucket/,
    )
  })

  test('the steps that ship with the package have a command without being configured', () => {
    expect(parseConfig({}, 'f').images['steps']?.command.at(-1)).toMatch(/dist\/steps\/bundle\/main\.mjs$/)
  })
})

describe('loadConfig', () => {
  test('reads TypeScript that imports dagwright/config, from any folder', async () => {
    const folder = project(`import { defineConfig } from 'dagwright/config'
export default defineConfig({ environments: { prod: ${JSON.stringify(prod)} } satisfies Record<string, unknown>, images: { py: { command: ['python3', 'steps/main.py'] } } })`)
    const config = await loadConfig(folder)
    expect(cloudEnvironment(config, 'prod')).toMatchObject({ ...prod, name: 'prod', emulator: null })
    expect(config.images['py']?.command).toEqual(['python3', 'steps/main.py'])
  })

  test('a project without one has the built-in environment', async () => {
    const config = await loadConfig(project(null))
    expect(localEnvironment(config, 'http://127.0.0.1:1')).toMatchObject({
      name: 'local',
      project: 'local-project',
      region: 'us-central1',
      bucket: 'local-project-data',
      datasetLocation: 'US',
      images: { steps: 'steps' },
    })
  })

  test.each([
    ['export const x = 1', /no default export/],
    ['export default {', /cannot be loaded/],
    ["import './nowhere.ts'\nexport default {}", /^cannot be loaded: Cannot find module '.\/nowhere.ts'$/],
    ["throw new Error('not today')", /cannot be loaded: not today/],
    ["export default { get images() { throw new Error('not today') } }", /cannot be loaded: not today/],
    ["export default Promise.reject(new Error('not today'))", /cannot be loaded: not today/],
  ])('says what is wrong with %j', async (text, message) => {
    const error = await loadConfig(project(text)).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      name: 'UserError',
      code: 'DAG801',
      place: 'dag.config.ts',
      message: expect.stringMatching(message),
    })
  })

  test('an environment that is not declared names those that are', async () => {
    const config = await loadConfig(project(null))
    expect(() => cloudEnvironment(config, 'stage')).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('local') }),
    )
  })
})
