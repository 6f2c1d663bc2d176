import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { virtualClock } from '../../clock.ts'
import { createConnectors } from '../../connectors/index.ts'
import { mapFrom } from '../../connectors/testing/stage.ts'
import { writeJson } from '../../engine/json.ts'
import { createPubSubService } from '../pubsub/service.ts'
import { createDispatch } from '../server.ts'
import { createSecretsService } from './service.ts'

const place = { project: 'local-project', location: 'us-central1' }
const clock = virtualClock(0)
let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'dag-secrets-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

/** Calls a connector over services that were opened just now on the same folder. */
async function call(name: string, args: string): Promise<string> {
  const dispatch = createDispatch([
    createSecretsService({ dir: join(dir, 'secrets'), clock, place }),
    createPubSubService({ dir: join(dir, 'pubsub'), clock, place }),
  ])
  const connector = createConnectors({ dispatch, ...place })(`googleapis.${name}`)
  const context = {
    clock,
    signal: new AbortController().signal,
    environment: () => null,
    currentStep: () => ({ routine: 'main', step: 'call' }),
    countStep: () => undefined,
    inTurn: <T>(work: Promise<T>) => work,
  }
  return writeJson(await connector!(mapFrom(args), context))
}

test('a secret survives a restart, and its versions are kept', async () => {
  const secrets = 'secretmanager.v1.projects.secrets'
  const create = '{"parent": "projects/local-project", "secretId": "key", "body": {}}'
  await call(`${secrets}.create`, create)
  await call(`${secrets}.addVersionString`, '{"secret_id": "key", "data": "öne"}')
  await call(
    `${secrets}.addVersion`,
    '{"parent": "projects/-/secrets/key", "body": {"payload": {"data": "dHdv"}}}',
  )
  expect(await call(`${secrets}.versions.accessString`, '{"secret_id": "key"}')).toBe('"two"')
  expect(await call(`${secrets}.versions.accessString`, '{"secret_id": "key", "version": 1}')).toBe('"öne"')
  expect(
    await call(
      `${secrets}.versions.access`,
      '{"name": "projects/local-project/secrets/key/versions/latest"}',
    ),
  ).toBe(
    '{"name":"projects/local-project/secrets/key/versions/2","payload":{"data":"dHdv","dataCrc32c":"1389933475"}}',
  )
  await expect(call(`${secrets}.create`, create)).rejects.toThrow('error code 409')
  await expect(
    call(`${secrets}.versions.accessString`, '{"secret_id": "key", "version": "3"}'),
  ).rejects.toThrow('404')
  await expect(call(`${secrets}.versions.accessString`, '{"secret_id": ".."}')).rejects.toThrow('400')
})

test('published messages are kept, one a line', async () => {
  const topics = 'pubsub.v1.projects.topics'
  const publish =
    '{"topic": "projects/local-project/topics/news", "body": {"messages": [{"data": "YQ=="}, {"attributes": {"k": "v"}}]}}'
  await expect(call(`${topics}.publish`, publish)).rejects.toThrow('404')
  await call(`${topics}.create`, '{"name": "projects/local-project/topics/news", "body": {}}')
  expect(await call(`${topics}.publish`, publish)).toBe('{"messageIds":["1","2"]}')
  expect(await call(`${topics}.publish`, publish)).toBe('{"messageIds":["3","4"]}')
  const lines = readFileSync(join(dir, 'pubsub/news/messages.jsonl'), 'utf8').trimEnd().split('\n')
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { data: 'YQ==', messageId: '1', publishTime: '1970-01-01T00:00:00.000Z' },
    { attributes: { k: 'v' }, messageId: '2' },
    { messageId: '3' },
    { messageId: '4' },
  ])
  const none = '{"topic": "projects/local-project/topics/news", "body": {"messages": []}}'
  await expect(call(`${topics}.publish`, none)).rejects.toThrow('400')
})

test('a version that is disabled or destroyed cannot be read', async () => {
  const secrets = 'secretmanager.v1.projects.secrets'
  const name = 'projects/local-project/secrets/key'
  await call(
    `${secrets}.create`,
    '{"parent": "projects/local-project", "secretId": "key", "body": {"labels": {"a": "b"}}}',
  )
  expect(
    JSON.parse(await call(`${secrets}.addVersionString`, '{"secret_id": "key", "data": "one"}')),
  ).toEqual({
    name: `${name}/versions/1`,
    createTime: '1970-01-01T00:00:00.000Z',
    state: 'ENABLED',
  })
  await call(`${secrets}.addVersionString`, '{"secret_id": "key", "data": "two"}')
  const version = (number: number | string) => `{"name": "${name}/versions/${number}"}`
  await call(`${secrets}.versions.disable`, version(2))
  await expect(call(`${secrets}.versions.accessString`, '{"secret_id": "key"}')).rejects.toThrow('code 400')
  await call(`${secrets}.versions.enable`, version(2))
  expect(await call(`${secrets}.versions.accessString`, '{"secret_id": "key"}')).toBe('"two"')
  await call(`${secrets}.versions.destroy`, version(1))
  await expect(call(`${secrets}.versions.enable`, version(1))).rejects.toThrow('code 400')
  expect(readFileSync(join(dir, 'secrets/key/secret.json'), 'utf8')).not.toContain('b25l')
  expect(JSON.parse(await call(`${secrets}.versions.list`, `{"parent": "${name}"}`))).toMatchObject({
    versions: [
      { name: `${name}/versions/2`, state: 'ENABLED' },
      { name: `${name}/versions/1`, state: 'DESTROYED' },
    ],
    totalSize: 2,
  })
  expect(await call(`${secrets}.versions.get`, version('latest'))).toContain('versions/2')
  await expect(call(`${secrets}.versions.get`, version(3))).rejects.toThrow('code 404')
  expect(JSON.parse(await call(`${secrets}.list`, '{"parent": "projects/local-project"}'))).toMatchObject({
    secrets: [{ name, labels: { a: 'b' } }],
  })
  await call(`${secrets}.delete`, `{"name": "${name}"}`)
  await expect(call(`${secrets}.get`, `{"name": "${name}"}`)).rejects.toThrow('code 404')
})
