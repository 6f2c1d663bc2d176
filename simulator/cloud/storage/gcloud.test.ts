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
