import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startStorage, type StorageFixture } from './testing/fixture.ts'

/**
 * What `gcloud storage` (SDK 528) sends, request by request: Python spells `True` with a capital, resumable uploads
 * have a path of their own, and answers are read with `fields` and `projection`.
 */
let cloud: StorageFixture

beforeAll(async () => {
  cloud = await startStorage()
})
afterAll(() => cloud.stop())

async function send(method: string, path: string, body?: string, headers: Record<string, string> = {}) {
  const response = await fetch(new URL(path, cloud.url), {
    method,
    headers: { accept: 'application/json', 'accept-encoding': 'gzip, deflate', ...headers },
    ...(body === undefined ? {} : { body }),
  })
  const text = await response.text()
  const json = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {}
  return { status: response.status, headers: response.headers, text, json }
}

const listFields =
  'fields=prefixes%2Citems%2Fname%2Citems%2Fsize%2Citems%2Fgeneration%2CnextPageToken&maxResults=1000&projection=noAcl'

test('buckets create, cp, cat, ls, rsync, rm', async () => {
  expect(await send('POST', '/storage/v1/b?alt=json&project=demo', '{"name": "lake"}')).toMatchObject({
    status: 200,
  })
  // cp: does it exist, then multipart with Python's line ends.
  expect(
    await send(
      'GET',
      '/storage/v1/b/lake/o/a.txt?alt=json&fields=bucket%2Cname%2Csize%2Cgeneration&projection=noAcl',
    ),
  ).toMatchObject({ status: 404 })
  const part = (type: string, content: string) =>
    `--===1==\nContent-Type: ${type}\nMIME-Version: 1.0\nContent-Transfer-Encoding: binary\n\n${content}\n`
  const resource = JSON.stringify({ bucket: 'lake', contentType: 'text/plain', name: 'dir/a.txt' })
  const uploaded = await send(
    'POST',
    '/upload/storage/v1/b/lake/o?alt=json&fields=generation%2CmediaLink%2Cmd5Hash%2Csize&uploadType=multipart',
    `${part('application/json', resource)}${part('text/plain', 'hello\n')}--===1==--`,
    { 'content-type': "multipart/related; boundary='===1=='" },
  )
  expect(Object.keys(uploaded.json).toSorted()).toEqual(['generation', 'md5Hash', 'mediaLink', 'size'])
  expect(uploaded.json).toMatchObject({ size: '6' })

  // A large file: a session on the other path, whole in one PUT.
  const start = await send(
    'POST',
    '/resumable/upload/storage/v1/b/lake/o?alt=json&uploadType=resumable',
    '{"bucket": "lake", "name": "big.bin"}',
    { 'x-upload-content-type': 'application/octet-stream', 'x-upload-content-length': '12' },
  )
  const location = start.headers.get('location') ?? ''
  expect(await send('PUT', location, 'twelve bytes', { 'content-range': 'bytes 0-11/12' })).toMatchObject({
    status: 200,
    json: { name: 'big.bin', size: '12', contentType: 'application/octet-stream' },
  })

  // cat: the object, then a range of its media link.
  const { json } = await send('GET', '/storage/v1/b/lake/o/dir%2Fa.txt?alt=json&projection=noAcl')
  expect(await send('GET', String(json['mediaLink']), undefined, { range: 'bytes=0-5' })).toMatchObject({
    status: 206,
    text: 'hello\n',
  })

  const listed = await send(
    'GET',
    `/storage/v1/b/lake/o?alt=json&delimiter=%2F&includeFoldersAsPrefixes=True&${listFields}`,
  )
  expect(listed.json).toMatchObject({ prefixes: ['dir/'], items: [{ name: 'big.bin' }] })

  expect((await send('GET', '/storage/v1/b/lake/storageLayout?alt=json')).json).toMatchObject({
    hierarchicalNamespace: { enabled: false },
  })
  expect(
    await send(
      'POST',
      '/storage/v1/b/lake/o/dir%2Fa.txt/rewriteTo/b/lake/o/b.txt?alt=json&projection=full',
      '{}',
    ),
  ).toMatchObject({ status: 200, json: { done: true } })

  // rm -r: all versions by generation, managed folders, the bucket.
  const versions = await send('GET', `/storage/v1/b/lake/o?alt=json&versions=True&${listFields}`)
  const items = versions.json['items'] as { name: string; generation: string }[]
  expect(items.map(({ name }) => name)).toEqual(['b.txt', 'big.bin', 'dir/a.txt'])
  for (const { name, generation } of items) {
    const path = `/storage/v1/b/lake/o/${encodeURIComponent(name)}?alt=json&generation=${generation}`
    expect(await send('DELETE', path)).toMatchObject({ status: 204 })
  }
  expect(await send('GET', '/storage/v1/b/lake/managedFolders?alt=json')).toMatchObject({ status: 200 })
  expect(await send('DELETE', '/storage/v1/b/lake?alt=json')).toMatchObject({ status: 204 })
})

test('objects update, compose, mv, --gzip-in-flight and --predefined-acl', async () => {
  await send(
    'POST',
    '/storage/v1/b?alt=json&enableObjectRetention=False&project=demo&projection=noAcl',
    '{"name": "pond"}',
  )
  const upload = (name: string, query = '') =>
    `/upload/storage/v1/b/pond/o?alt=json${query}&uploadType=multipart&name=${name}`
  const related = (name: string, content: string) =>
    `--=1==\nContent-Type: application/json\nMIME-Version: 1.0\n\n{"bucket": "pond", "contentType": "text/plain", "name": "${name}"}\n--=1==\nContent-Type: text/plain\nMIME-Version: 1.0\nContent-Transfer-Encoding: binary\n\n${content}\n--=1==--\n`
  const headers = { 'content-type': "multipart/related; boundary='=1=='" }
  await send('POST', upload('a'), related('a', 'one\n'), headers)
  // The whole body is compressed, parts, boundaries and all; the object is not.
  const zipped = await fetch(new URL(upload('b'), cloud.url), {
    method: 'POST',
    headers: { ...headers, 'content-encoding': 'gzip' },
    body: gzipSync(related('b', 'two\n')),
  })
  expect(await zipped.json()).toMatchObject({ name: 'b', size: '4' })

  // update: the resource that was read comes back whole, with what is new.
  const read = await send('GET', '/storage/v1/b/pond/o/a?alt=json&projection=full')
  expect(read.json).toMatchObject({ acl: [{ role: 'OWNER' }, {}, { role: 'READER' }] })
  const { acl: _, owner: __, ...resource } = read.json
  const patch = JSON.stringify({ ...resource, metadata: { k: 'v' }, cacheControl: 'no-store' })
  expect(await send('PATCH', '/storage/v1/b/pond/o/a?alt=json&projection=noAcl', patch)).toMatchObject({
    json: { metadata: { k: 'v' }, cacheControl: 'no-store', metageneration: '2' },
  })
  const grant = JSON.stringify({ ...resource, acl: [{ entity: 'allUsers', role: 'READER' }] })
  expect(await send('PATCH', '/storage/v1/b/pond/o/a?alt=json&projection=full', grant)).toMatchObject({
    json: { acl: [{ entity: 'allUsers', role: 'READER' }] },
  })
  expect(
    (await send('POST', upload('c', '&predefinedAcl=publicRead&projection=full'), related('c', 'x'), headers))
      .json,
  ).toMatchObject({ acl: [{ role: 'OWNER' }, { entity: 'allUsers' }] })

  const compose = JSON.stringify({
    destination: {
      bucket: 'pond',
      contentType: 'text/plain',
      crc32c: 'AAAAAA==',
      md5Hash: 'AAAA',
      name: 'ab',
    },
    sourceObjects: [{ name: 'a' }, { name: 'b' }],
  })
  expect(await send('POST', '/storage/v1/b/pond/o/ab/compose?alt=json', compose)).toMatchObject({
    json: { size: '8', componentCount: 2 },
  })
  // mv: a rewrite, then the source goes.
  const rewrite =
    '/storage/v1/b/pond/o/ab/rewriteTo/b/pond/o/moved?alt=json&maxBytesRewrittenPerCall=104857600'
  const moved = JSON.stringify({ bucket: 'pond', contentType: 'text/plain', name: 'moved' })
  expect(await send('POST', rewrite, moved)).toMatchObject({ json: { done: true, resource: { size: '8' } } })
  expect(await send('DELETE', '/storage/v1/b/pond/o/ab?alt=json')).toMatchObject({ status: 204 })
})

test('buckets update, and rm, ls --soft-deleted and restore', async () => {
  await send('POST', '/storage/v1/b?alt=json&project=demo', '{"name": "mere"}')
  const patch = async (changes: object) => {
    const { json } = await send('GET', '/storage/v1/b/mere?alt=json&projection=noAcl')
    return send(
      'PATCH',
      '/storage/v1/b/mere?alt=json&projection=noAcl',
      JSON.stringify({ ...json, ...changes }),
    )
  }
  const changed = await patch({
    labels: { a: 'b' },
    lifecycle: { rule: [{ action: { type: 'Delete' }, condition: { age: 30 } }] },
    softDeletePolicy: { retentionDurationSeconds: '691200' },
    retentionPolicy: { retentionPeriod: '10' },
  })
  expect(changed.json).toMatchObject({
    labels: { a: 'b' },
    softDeletePolicy: { retentionDurationSeconds: '691200', effectiveTime: '2026-03-09T09:00:00.000Z' },
    retentionPolicy: { retentionPeriod: '10', effectiveTime: '2026-03-09T09:00:00.000Z' },
  })
  const cleared = await patch({ lifecycle: null, retentionPolicy: null, labels: { a: null } })
  expect(cleared.json).not.toHaveProperty('lifecycle')
  expect(cleared.json).not.toHaveProperty('retentionPolicy')
  await send('POST', '/upload/storage/v1/b/mere/o?alt=json&uploadType=media&name=x', 'content')
  const { json } = await send('GET', '/storage/v1/b/mere/o/x?alt=json&projection=noAcl')
  await send('DELETE', '/storage/v1/b/mere/o/x?alt=json')
  const deleted = await send('GET', `/storage/v1/b/mere/o?alt=json&softDeleted=True&${listFields}`)
  expect(deleted.json['items']).toEqual([{ name: 'x', size: '7', generation: json['generation'] }])
  const generation = json['generation'] as string
  const restore = `/storage/v1/b/mere/o/x/restore?alt=json&generation=${generation}`
  expect((await send('POST', restore, '{}')).json).toMatchObject({ name: 'x', size: '7' })
  expect(await send('GET', '/storage/v1/b/mere/notificationConfigs?alt=json')).toMatchObject({ status: 200 })
})

test('what the tool prints of a refusal comes without a canonical code', async () => {
  const refused = await send('POST', '/storage/v1/b?alt=json&project=demo', '{"name": "BAD_Name"}')
  expect(refused.json).toEqual({
    error: {
      code: 400,
      message: "Invalid bucket name: 'BAD_Name'",
      errors: [{ domain: 'global', reason: 'invalid', message: "Invalid bucket name: 'BAD_Name'" }],
    },
  })
})
