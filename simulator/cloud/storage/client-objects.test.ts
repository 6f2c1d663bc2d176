import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { Storage, TransferManager, type Bucket } from '@google-cloud/storage'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { failure } from './testing/failure.ts'
import { startStorage, type StorageFixture } from './testing/fixture.ts'

/** Objects as Google's client handles them, and the calls below it: sessions, batches, signed URLs, parts. */
let cloud: StorageFixture
let bucket: Bucket
let count = 0

beforeAll(async () => {
  cloud = await startStorage()
})
afterAll(() => cloud.stop())
beforeEach(async () => {
  ;[bucket] = await cloud.client.createBucket(`objects-${(count += 1)}`)
})

const text = async (name: string) => (await bucket.file(name).download())[0].toString()

async function put(uri: string, range: string, body?: Buffer, headers: Record<string, string> = {}) {
  const response = await fetch(uri, {
    method: 'PUT',
    headers: { 'content-range': range, ...headers },
    ...(body === undefined ? {} : { body }),
  })
  return { status: response.status, range: response.headers.get('range'), text: await response.text() }
}

describe('resumable uploads', () => {
  const content = randomBytes(700_000)
  const chunk = 262_144
  const session = async (name: string) => (await bucket.file(name).createResumableUpload())[0]

  test('in chunks of unknown length, with the state asked in between', async () => {
    const uri = await session('chunks')
    expect(await put(uri, 'bytes */*')).toMatchObject({ status: 308, range: null })
    expect(await put(uri, `bytes 0-${chunk - 1}/*`, content.subarray(0, chunk))).toMatchObject({
      status: 308,
      range: `bytes=0-${chunk - 1}`,
    })
    expect(await put(uri, 'bytes */*')).toMatchObject({ status: 308, range: `bytes=0-${chunk - 1}` })
    const last = await put(uri, `bytes ${chunk}-699999/700000`, content.subarray(chunk))
    expect(last.status).toBe(200)
    expect((await bucket.file('chunks').download())[0].equals(content)).toBe(true)
  })

  test.each([
    ['a gap', 'bytes 262144-262153/300000', 10],
    ['more than its length', 'bytes 0-9/5', 10],
    ['another length than its body', 'bytes 0-9/10', 5],
    ['nonsense', 'lines 1-2/3', 2],
  ])('refused: %s', async (_, range, length) => {
    expect(await put(await session('x'), range, content.subarray(0, length))).toMatchObject({ status: 400 })
    expect(await bucket.file('x').exists()).toEqual([false])
  })

  test('a checksum at the end that does not fit is refused, and the session is over', async () => {
    for (const hash of ['crc32c=AAAAAA==', 'md5=AAAAAAAAAAAAAAAAAAAAAA==']) {
      const uri = await session('x')
      await put(uri, `bytes 0-${chunk - 1}/*`, content.subarray(0, chunk))
      const refused = await put(uri, `bytes ${chunk}-699999/700000`, content.subarray(chunk), {
        'x-goog-hash': hash,
      })
      expect(refused.status).toBe(400)
      expect(refused.text).toMatch(/doesn't match calculated/)
      expect(await put(uri, 'bytes */*')).toMatchObject({ status: 404 })
    }
    expect(await bucket.file('x').exists()).toEqual([false])
  })

  test('cancelled: 499, and then there is no such session', async () => {
    const uri = await session('x')
    expect((await fetch(uri, { method: 'DELETE' })).status).toBe(499)
    expect(await put(uri, 'bytes */*')).toMatchObject({ status: 404 })
  })

  test('a precondition counts at the end as well as at the start', async () => {
    const [uri] = await bucket.file('x').createResumableUpload({ preconditionOpts: { ifGenerationMatch: 0 } })
    await bucket.file('x').save('first', { resumable: false })
    expect(await put(uri, 'bytes 0-5/6', Buffer.from('second'))).toMatchObject({ status: 412 })
    expect(await text('x')).toBe('first')
    expect(
      await failure(bucket.file('x').createResumableUpload({ preconditionOpts: { ifGenerationMatch: 0 } })),
    ).toMatchObject({ status: 412 })
  })

  test('a client goes on from an offset', async () => {
    const uri = await session('x')
    await put(uri, `bytes 0-${chunk - 1}/*`, content.subarray(0, chunk))
    await bucket
      .file('x')
      .save(content.subarray(chunk), { uri, offset: chunk, resumable: true, validation: false })
    expect((await bucket.file('x').download())[0].equals(content)).toBe(true)
  })
})

describe('content', () => {
  test.each([
    ['bytes=0-0', 206, '0', 'bytes 0-0/10'],
    ['bytes=7-', 206, '789', 'bytes 7-9/10'],
    ['bytes=-20', 206, '0123456789', 'bytes 0-9/10'],
    ['bytes=8-100', 206, '89', 'bytes 8-9/10'],
    ['bytes=10-12', 416, null, 'bytes */10'],
    ['bytes=-0', 416, null, 'bytes */10'],
    ['bytes=4-2', 200, '0123456789', null],
    ['bytes=0-1,4-5', 200, '0123456789', null],
    ['lines=1-2', 200, '0123456789', null],
  ])('range %s', async (range, status, content, contentRange) => {
    await bucket.file('digits').save('0123456789', { resumable: false })
    const response = await fetch(`${cloud.url}/download/storage/v1/b/${bucket.name}/o/digits`, {
      headers: { range },
    })
    expect([response.status, response.headers.get('content-range')]).toEqual([status, contentRange])
    if (content !== null) expect(await response.text()).toBe(content)
  })

  test('a body compressed for the way is kept plain, one compressed at rest is kept as it is', async () => {
    const upload = `${cloud.url}/upload/storage/v1/b/${bucket.name}/o?uploadType=media&name=`
    const headers = { 'content-encoding': 'gzip', 'content-type': 'text/plain' }
    await fetch(`${upload}way`, { method: 'POST', headers, body: gzipSync('plain') })
    expect((await bucket.file('way').getMetadata())[0]).toMatchObject({
      size: '5',
      contentType: 'text/plain',
    })
    await fetch(`${upload}rest&contentEncoding=gzip`, { method: 'POST', body: gzipSync('plain') })
    expect((await bucket.file('rest').getMetadata())[0].contentEncoding).toBe('gzip')
    expect(await text('rest')).toBe('plain')
    const broken = await fetch(`${upload}broken`, { method: 'POST', headers, body: 'not gzip' })
    expect(broken.status).toBe(400)
  })

  test('many at once, in pieces, and in parallel', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'transfer-test-'))
    try {
      const names = ['a.bin', 'b.bin', 'c.bin'].map((name) => join(folder, name))
      const content = randomBytes(300_000)
      for (const name of names) await writeFile(name, content)
      const manager = new TransferManager(bucket)
      await manager.uploadManyFiles(names, {
        customDestinationBuilder: (path) => `up/${path.split('/').at(-1)}`,
      })
      await manager.downloadManyFiles('up/', { passthroughOptions: { destination: join(folder, 'down') } })
      for (const name of ['a.bin', 'b.bin', 'c.bin'])
        expect((await readFile(join(folder, 'down', 'up', name))).equals(content)).toBe(true)
      const destination = join(folder, 'whole.bin')
      await manager.downloadFileInChunks('up/a.bin', {
        chunkSizeBytes: 100_000,
        destination,
        validation: 'crc32c',
      })
      expect((await readFile(destination)).equals(content)).toBe(true)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

describe('names', () => {
  test.each([
    'ünïcode/名前/💥',
    'a//b',
    'dir/',
    'dots...',
    '...',
    '.hidden',
    'a/./b',
    '#?&=+%',
    '%2F',
    '%252F',
    'a b',
    'quotes\'"',
    'back\\slash',
    'well/.well-known/acme-challenge/x',
    'x'.repeat(1024),
  ])('%s', async (name) => {
    await bucket.file(name).save(name, { resumable: false })
    expect(await text(name)).toBe(name)
    expect((await bucket.getFiles())[0].map((file) => file.name)).toEqual([name])
    await bucket.file(name).copy(bucket.file(`copy-${name.slice(0, 20)}`))
    await bucket.file(name).delete()
    expect(await bucket.file(name).exists()).toEqual([false])
    await bucket.file(name).delete({ ignoreNotFound: true })
  })

  test.each([
    '.',
    '..',
    '.well-known/acme-challenge/x',
    'line\rbreak',
    'line\nbreak',
    `${'x'.repeat(1023)}é`,
    '',
  ])('refused: %j', async (name) => {
    const url = `${cloud.url}/upload/storage/v1/b/${bucket.name}/o?uploadType=media&name=${encodeURIComponent(name)}`
    expect((await fetch(url, { method: 'POST', body: 'x' })).status).toBe(400)
  })
})

describe('copies', () => {
  test('a rewrite to another class takes as many calls as it is cut into', async () => {
    const content = randomBytes(2 * 1024 * 1024 + 1)
    await bucket.file('big').save(content, { resumable: false })
    const url = `${cloud.url}/storage/v1/b/${bucket.name}/o/big/rewriteTo/b/${bucket.name}/o/far?maxBytesRewrittenPerCall=1048576`
    const rewrite = async (token: string, to = url) => {
      const body = JSON.stringify({ storageClass: 'NEARLINE' })
      const response = await fetch(`${to}&rewriteToken=${token}`, { method: 'POST', body })
      return { status: response.status, json: (await response.json()) as Record<string, unknown> }
    }
    const calls: unknown[] = []
    let token = ''
    do {
      const { json } = await rewrite(token)
      calls.push([json['done'], json['totalBytesRewritten'], json['objectSize']])
      token = typeof json['rewriteToken'] === 'string' ? json['rewriteToken'] : ''
    } while (token !== '')
    const size = String(content.length)
    expect(calls).toEqual([
      [false, '1048576', size],
      [false, '2097152', size],
      [true, size, size],
    ])
    expect((await bucket.file('far').download())[0].equals(content)).toBe(true)
    expect((await rewrite('nonsense')).status).toBe(400)
    expect((await rewrite('', url.replace('1048576', '1000'))).status).toBe(400)
  })

  test('setStorageClass, and preconditions about the source', async () => {
    await bucket.file('x').save('x', { resumable: false, metadata: { metadata: { k: 'v' } } })
    await bucket.file('x').setStorageClass('coldline')
    const [metadata] = await bucket.file('x').getMetadata()
    expect(metadata).toMatchObject({ storageClass: 'COLDLINE' })
    const url = `${cloud.url}/storage/v1/b/${bucket.name}/o/x/copyTo/b/${bucket.name}/o/y?`
    const copy = async (query: string) => (await fetch(url + query, { method: 'POST' })).status
    expect(await copy('ifSourceGenerationMatch=1')).toBe(412)
    expect(await copy(`ifSourceGenerationNotMatch=${metadata.generation}`)).toBe(304)
    expect(await copy('ifSourceMetagenerationMatch=2')).toBe(412)
    expect(await copy(`ifSourceGenerationMatch=${metadata.generation}&ifGenerationMatch=0`)).toBe(200)
    expect(await copy('ifGenerationMatch=0')).toBe(412)
  })

  test('compose: order, preconditions of each source, at most 32', async () => {
    for (const name of ['a', 'b']) await bucket.file(name).save(name, { resumable: false })
    const url = `${cloud.url}/storage/v1/b/${bucket.name}/o/all/compose`
    const compose = async (sourceObjects: unknown, query = '') => {
      const body = JSON.stringify({ sourceObjects, destination: { contentType: 'text/plain' } })
      return (await fetch(url + query, { method: 'POST', body })).status
    }
    expect(await compose([{ name: 'b' }, { name: 'a', generation: null }])).toBe(200)
    expect(await text('all')).toBe('ba')
    expect(await compose([{ name: 'a', objectPreconditions: { ifGenerationMatch: '1' } }])).toBe(412)
    expect(await compose([{ name: 'a' }], '?ifGenerationMatch=0')).toBe(412)
    expect(await compose([{ name: 'absent' }])).toBe(404)
    expect(await compose([])).toBe(400)
    expect(await compose(Array.from({ length: 32 }, () => ({ name: 'a' })))).toBe(200)
    expect(await compose(Array.from({ length: 33 }, () => ({ name: 'a' })))).toBe(400)
  })

  test('contexts: kept, changed, removed', async () => {
    const file = bucket.file('x')
    await file.save('x', { resumable: false, metadata: { contexts: { custom: { team: { value: 'a' } } } } })
    await file.setMetadata({ contexts: { custom: { stage: { value: 'raw' }, team: null } } })
    const [metadata] = await file.getMetadata()
    expect(metadata.contexts).toEqual({
      custom: { stage: { value: 'raw', createTime: expect.any(String), updateTime: expect.any(String) } },
    })
    await file.setMetadata({ contexts: null as never })
    expect((await file.getMetadata())[0].contexts).toBeUndefined()
  })
})

test('batches: each call its own answer, in order', async () => {
  await bucket.file('x').save('x', { resumable: false })
  const part = (id: number, call: string, body = '') =>
    `--b\r\nContent-Type: application/http\r\nContent-ID: <id+${id}>\r\n\r\n${call} HTTP/1.1\r\nContent-Type: application/json\r\n\r\n${body}\r\n`
  const path = `/storage/v1/b/${bucket.name}/o`
  const body =
    part(1, `PATCH ${path}/x`, '{"metadata":{"a":"b"}}') +
    part(2, `DELETE ${path}/absent`) +
    part(3, `GET ${path}/x?fields=metadata`) +
    part(4, `DELETE ${path}/x`)
  const send = (content: string) =>
    fetch(`${cloud.url}/batch/storage/v1`, {
      method: 'POST',
      headers: { 'content-type': 'multipart/mixed; boundary="b"' },
      body: `${content}--b--`,
    })
  const response = await send(body)
  expect(response.headers.get('content-type')).toMatch(/^multipart\/mixed; boundary=/)
  const answered = await response.text()
  expect([...answered.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual([
    '200',
    '404',
    '200',
    '204',
  ])
  expect([...answered.matchAll(/Content-ID: (\S+)/g)].map(([, id]) => id)).toEqual(
    [1, 2, 3, 4].map((id) => `<response-id+${id}>`),
  )
  expect(answered).toContain('{"metadata":{"a":"b"}}')
  expect(await bucket.file('x').exists()).toEqual([false])
  expect((await send(part(1, `GET ${path}/x?alt=media`))).status).toBe(400)
  expect((await send(part(1, `DELETE ${path}/x`).repeat(101))).status).toBe(400)
  expect((await send('')).status).toBe(400)
})

describe('the XML API', () => {
  test('signed URLs write, read and delete until they expire', async () => {
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    })
    const signer = new Storage({
      apiEndpoint: cloud.url,
      projectId: 'local-project',
      credentials: { client_email: 'signer@example.com', private_key: privateKey },
    })
    const file = signer.bucket(bucket.name).file('signed/ä.txt')
    // The client refuses to sign for a time that is past by its own clock.
    const now = Date.now()
    cloud.clock.advance(now - cloud.clock.now())
    const sign = async (action: 'read' | 'write' | 'delete', version: 'v2' | 'v4', extra: object = {}) =>
      (await file.getSignedUrl({ version, action, expires: now + 60_000, accessibleAt: now, ...extra }))[0]
    const written = await fetch(await sign('write', 'v4', { contentType: 'text/plain' }), {
      method: 'PUT',
      headers: { 'content-type': 'text/plain', 'x-goog-meta-k': 'v' },
      body: 'signed',
    })
    expect(written.status).toBe(200)
    expect((await bucket.file('signed/ä.txt').getMetadata())[0]).toMatchObject({
      contentType: 'text/plain',
      metadata: { k: 'v' },
    })
    for (const version of ['v2', 'v4'] as const) {
      const read = await fetch(await sign('read', version, { responseDisposition: 'attachment' }))
      expect(await read.text()).toBe('signed')
      expect(read.headers.get('content-disposition')).toBe('attachment')
    }
    cloud.clock.advance(61_000)
    const late = await fetch(await sign('read', 'v4'))
    expect([late.status, /<Code>(\w+)<\/Code>/.exec(await late.text())?.[1]]).toEqual([400, 'ExpiredToken'])
  })

  const xml = async (
    method: string,
    path: string,
    body?: string | Buffer,
    headers: Record<string, string> = {},
  ) => {
    const response = await fetch(`${cloud.url}/${bucket.name}/${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
    })
    const answer = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      text: answer,
      code: /<Code>(\w+)<\/Code>/.exec(answer)?.[1],
    }
  }

  test('objects by their paths, with their errors in XML', async () => {
    const put = await xml('PUT', 'dir/x.txt', gzipSync('plain'), {
      'content-type': 'text/plain',
      'content-encoding': 'gzip',
      'x-goog-if-generation-match': '0',
    })
    expect(put.status).toBe(200)
    expect(put.headers.get('x-goog-generation')).toMatch(/^\d{16}$/)
    const raw = await bucket.file('dir/x.txt').download({ decompress: false })
    expect(gunzipSync(raw[0]).toString()).toBe('plain')
    expect((await xml('GET', 'dir/x.txt')).text).toBe('plain')
    expect((await fetch(`${cloud.url}/${bucket.name}/dir/x.txt`, { method: 'HEAD' })).status).toBe(200)
    expect(await bucket.file('dir/x.txt').isPublic()).toEqual([true])
    expect(await xml('PUT', 'dir/x.txt', 'again', { 'x-goog-if-generation-match': '0' })).toMatchObject({
      status: 412,
      code: 'PreconditionFailed',
    })
    expect(await xml('GET', 'absent')).toMatchObject({ status: 404, code: 'NoSuchKey' })
    expect(await xml('PUT', 'bad', 'x', { 'content-md5': 'AAAAAAAAAAAAAAAAAAAAAA==' })).toMatchObject({
      status: 400,
    })
    expect(await xml('DELETE', 'dir/x.txt')).toMatchObject({ status: 204 })
    expect(await bucket.file('dir/x.txt').exists()).toEqual([false])
  })

  test('uploads in parts: any order, replaced, completed, cancelled, given up by a rule', async () => {
    const begin = async (name: string) =>
      /<UploadId>(.*)<\/UploadId>/.exec((await xml('POST', `${name}?uploads`)).text)?.[1] ?? ''
    const id = await begin('whole')
    const part = async (number: number, content: string, upload = id) =>
      (await xml('PUT', `whole?partNumber=${number}&uploadId=${upload}`, content)).headers.get('etag')
    const second = await part(2, 'world')
    await part(1, 'wrong')
    const first = await part(1, 'hello ')
    const complete = (parts: readonly (readonly [number, string | null])[], upload = id) =>
      xml(
        'POST',
        `whole?uploadId=${upload}`,
        `<CompleteMultipartUpload>${parts.map(([number, etag]) => `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag></Part>`).join('')}</CompleteMultipartUpload>`,
      )
    expect(await complete([[3, first]])).toMatchObject({ status: 400, code: 'InvalidPart' })
    expect(await complete([])).toMatchObject({ status: 400 })
    await cloud.restart()
    expect(
      await complete([
        [1, first],
        [2, second],
      ]),
    ).toMatchObject({ status: 200 })
    expect(await text('whole')).toBe('hello world')
    expect((await bucket.file('whole').getMetadata())[0].md5Hash).toBeUndefined()
    expect(await complete([[1, first]])).toMatchObject({ status: 404, code: 'NoSuchUpload' })
    const cancelled = await begin('whole')
    expect(await xml('DELETE', `whole?uploadId=${cancelled}`)).toMatchObject({ status: 204 })
    expect(await complete([[1, first]], cancelled)).toMatchObject({ status: 404 })
    await bucket.addLifecycleRule({
      action: { type: 'AbortIncompleteMultipartUpload' },
      condition: { age: 1 },
    })
    const old = await begin('whole')
    const etag = await part(1, 'x', old)
    cloud.clock.advance(86_400_000)
    expect(await complete([[1, etag]], old)).toMatchObject({ status: 404, code: 'NoSuchUpload' })
    expect(
      await failure(
        bucket.addLifecycleRule({
          action: { type: 'AbortIncompleteMultipartUpload' },
          condition: { isLive: true },
        }),
      ),
    ).toMatchObject({ code: 400 })
  })
})
