import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import type { Bucket } from '@google-cloud/storage'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { failure } from './testing/failure.ts'
import { startStorage, type StorageFixture } from './testing/fixture.ts'

let cloud: StorageFixture
let bucket: Bucket
let count = 0

beforeAll(async () => {
  cloud = await startStorage()
})
afterAll(() => cloud.stop())
beforeEach(async () => {
  ;[bucket] = await cloud.client.createBucket(`bucket-${(count += 1)}`)
})

async function text(name: string, generation?: string): Promise<string> {
  const file = bucket.file(name, generation === undefined ? {} : { generation })
  const [content] = await file.download()
  return content.toString()
}

function generationOf(metadata: { readonly generation?: string | number | undefined }): string {
  return String(metadata.generation)
}

describe('buckets', () => {
  test('create, get, list, patch, delete', async () => {
    const [created] = await cloud.client.createBucket('lake', {
      location: 'europe-west4',
      labels: { dag: 'anilist' },
      versioning: { enabled: true },
      lifecycle: { rule: [{ action: { type: 'Delete' }, condition: { age: 30, isLive: false } }] },
    })
    expect(created.metadata).toMatchObject({
      name: 'lake',
      location: 'EUROPE-WEST4',
      locationType: 'region',
      storageClass: 'STANDARD',
      metageneration: '1',
      labels: { dag: 'anilist' },
      versioning: { enabled: true },
      lifecycle: { rule: [{ action: { type: 'Delete' }, condition: { age: 30, isLive: false } }] },
      timeCreated: '2026-03-09T09:00:00.000Z',
    })
    await created.setLabels({ team: 'data' })
    await created.deleteLabels('dag')
    const [metadata] = await created.getMetadata()
    expect(metadata.labels).toEqual({ team: 'data' })
    expect(metadata.metageneration).toBe('3')
    const [buckets] = await cloud.client.getBuckets({ prefix: 'lak' })
    expect(buckets.map(({ name }) => name)).toEqual(['lake'])
    await created.delete()
    expect(await created.exists()).toEqual([false])
  })

  test('paging', async () => {
    const names = ['page-1', 'page-2', 'page-3']
    for (const name of names) await cloud.client.createBucket(name)
    const first = await fetch(`${cloud.url}/storage/v1/b?project=p&prefix=page-&maxResults=2`)
    const { items, nextPageToken } = (await first.json()) as {
      items: { name: string }[]
      nextPageToken: string
    }
    expect(items.map(({ name }) => name)).toEqual(names.slice(0, 2))
    const [second] = await cloud.client.getBuckets({
      prefix: 'page-',
      maxResults: 2,
      pageToken: nextPageToken,
    })
    expect(second.map(({ name }) => name)).toEqual(names.slice(2))
    const [all] = await cloud.client.getBuckets({ prefix: 'page-' })
    expect(all.map(({ name }) => name)).toEqual(names)
  })

  test('refusals in the form of the service', async () => {
    expect(await failure(cloud.client.createBucket(bucket.name))).toMatchObject({
      code: 409,
      errors: [{ reason: 'conflict', domain: 'global' }],
    })
    expect(await failure(cloud.client.createBucket('No_Capitals'))).toMatchObject({ code: 400 })
    expect(await failure(cloud.client.bucket('absent').getMetadata())).toMatchObject({
      code: 404,
      errors: [{ reason: 'notFound', message: 'The specified bucket does not exist.' }],
    })
    await bucket.file('x').save('x', { resumable: false })
    expect(await failure(bucket.delete())).toMatchObject({ code: 409 })
    expect(
      await failure(
        bucket.setMetadata({
          lifecycle: { rule: [{ action: { type: 'Explode' as 'Delete' }, condition: {} }] },
        }),
      ),
    ).toMatchObject({ code: 400 })
  })

  test('IAM policy: get, set with the etag read, refuse a stale one', async () => {
    const [policy] = await bucket.iam.getPolicy()
    policy.bindings.push({ role: 'roles/storage.objectViewer', members: ['allUsers'] })
    await bucket.iam.setPolicy(policy)
    const [read] = await bucket.iam.getPolicy()
    expect(read.bindings).toEqual([{ role: 'roles/storage.objectViewer', members: ['allUsers'] }])
    expect(await failure(bucket.iam.setPolicy(policy))).toMatchObject({ code: 412 })
    const [permissions] = await bucket.iam.testPermissions('storage.objects.get')
    expect(permissions).toEqual({ 'storage.objects.get': true })
  })
})

describe('uploads and downloads', () => {
  test.each([
    ['multipart', { resumable: false }],
    ['resumable', { resumable: true }],
  ])('%s: content, type, metadata and checksums', async (_, mode) => {
    await bucket.file('a/ä b+c?.json').save('{"a": 1}', {
      ...mode,
      contentType: 'application/json',
      metadata: { cacheControl: 'no-store', metadata: { outcome: 'output', größe: '1' } },
    })
    const [metadata] = await bucket.file('a/ä b+c?.json').getMetadata()
    expect(metadata).toMatchObject({
      name: 'a/ä b+c?.json',
      bucket: bucket.name,
      size: '8',
      contentType: 'application/json',
      cacheControl: 'no-store',
      metadata: { outcome: 'output', größe: '1' },
      metageneration: '1',
      storageClass: 'STANDARD',
      md5Hash: 'Qre08pIXiOoU2sVWbm8G0A==',
    })
    expect(generationOf(metadata)).toMatch(/^\d{16}$/)
    expect(metadata.mediaLink?.startsWith(`${cloud.url}/download/storage/v1/b/`)).toBe(true)
    // The client compares both checksums with what it received.
    const [content] = await bucket.file('a/ä b+c?.json').download({ validation: 'crc32c' })
    expect(content.toString()).toBe('{"a": 1}')
  })

  test('empty objects', async () => {
    await bucket.file('empty').save('', { resumable: false })
    await bucket.file('empty-resumable').save('')
    expect(await text('empty')).toBe('')
    expect(await text('empty-resumable')).toBe('')
  })

  test('large content in chunks and whole, validated by the client', async () => {
    const content = randomBytes(3 * 1024 * 1024 + 17)
    await bucket.file('chunks').save(content, { chunkSize: 1024 * 1024, validation: 'crc32c' })
    await bucket.file('whole').save(content, { validation: 'md5' })
    for (const name of ['chunks', 'whole']) {
      const [back] = await bucket.file(name).download()
      expect(back.equals(content)).toBe(true)
    }
  })

  test('an upload goes on after the server was restarted between chunks', async () => {
    const content = randomBytes(600_000)
    const file = bucket.file('resumed')
    const [uri] = await file.createResumableUpload()
    const first = await fetch(uri, {
      method: 'PUT',
      headers: { 'content-range': 'bytes 0-262143/600000' },
      body: content.subarray(0, 262_144),
    })
    expect([first.status, first.headers.get('range')]).toEqual([308, 'bytes=0-262143'])
    await cloud.restart()
    const state = await fetch(uri, { method: 'PUT', headers: { 'content-range': 'bytes */600000' } })
    expect([state.status, state.headers.get('range')]).toEqual([308, 'bytes=0-262143'])
    // A part sent again overlaps what is there.
    const rest = await fetch(uri, {
      method: 'PUT',
      headers: { 'content-range': 'bytes 200000-599999/600000' },
      body: content.subarray(200_000),
    })
    expect(rest.status).toBe(200)
    const again = await fetch(uri, { method: 'PUT', headers: { 'content-range': 'bytes */*' } })
    expect(again.status).toBe(200)
    expect(await again.json()).toEqual(await rest.json())
    const [back] = await file.download()
    expect(back.equals(content)).toBe(true)
    const gap = await fetch((await bucket.file('gap').createResumableUpload())[0], {
      method: 'PUT',
      headers: { 'content-range': 'bytes 5-9/10' },
      body: 'world',
    })
    expect(gap.status).toBe(400)
  })

  test('a checksum that does not fit is refused and leaves nothing', async () => {
    const response = await fetch(
      `${cloud.url}/upload/storage/v1/b/${bucket.name}/o?uploadType=media&name=bad`,
      { method: 'POST', headers: { 'x-goog-hash': 'crc32c=AAAAAA==' }, body: 'content' },
    )
    expect(response.status).toBe(400)
    expect(await bucket.file('bad').exists()).toEqual([false])
  })

  test('ranges', async () => {
    await bucket.file('digits').save('0123456789', { resumable: false })
    expect((await bucket.file('digits').download({ start: 2, end: 4 }))[0].toString()).toBe('234')
    expect((await bucket.file('digits').download({ start: 7 }))[0].toString()).toBe('789')
    const url = `${cloud.url}/storage/v1/b/${bucket.name}/o/digits?alt=media`
    const last = await fetch(url, { headers: { range: 'bytes=-3' } })
    expect([last.status, last.headers.get('content-range'), await last.text()]).toEqual([
      206,
      'bytes 7-9/10',
      '789',
    ])
    expect((await fetch(url, { headers: { range: 'bytes=10-' } })).status).toBe(416)
  })

  test('gzip content: kept compressed, decompressed for whoever takes no gzip', async () => {
    const plain = 'tconst\tprimaryTitle\n'.repeat(500)
    await bucket
      .file('t.tsv.gz')
      .save(plain, { gzip: true, resumable: false, contentType: 'text/tab-separated-values' })
    const [metadata] = await bucket.file('t.tsv.gz').getMetadata()
    expect(metadata.contentEncoding).toBe('gzip')
    expect(Number(metadata.size)).toBeLessThan(plain.length)
    expect(await text('t.tsv.gz')).toBe(plain)
    const url = `${cloud.url}/storage/v1/b/${bucket.name}/o/t.tsv.gz?alt=media`
    const transcoded = await fetch(url, { headers: { 'accept-encoding': 'identity' } })
    expect(transcoded.headers.get('content-encoding')).toBeNull()
    expect(transcoded.headers.get('x-goog-stored-content-encoding')).toBe('gzip')
    expect(await transcoded.text()).toBe(plain)
    const [raw] = await bucket.file('t.tsv.gz').download({ decompress: false })
    expect(raw.equals(gzipSync(plain)) || raw.length === Number(metadata.size)).toBe(true)
  })

  test('content of an absent object: 404 as plain text', async () => {
    expect(await failure(bucket.file('absent').download())).toMatchObject({ code: 404 })
    const response = await fetch(`${cloud.url}/storage/v1/b/${bucket.name}/o/absent?alt=media`)
    expect(await response.text()).toBe(`No such object: ${bucket.name}/absent`)
  })
})

describe('preconditions', () => {
  test('ifGenerationMatch=0 lets the first writer win', async () => {
    const create = (content: string, resumable: boolean) =>
      bucket.file('lock').save(content, { resumable, preconditionOpts: { ifGenerationMatch: 0 } })
    const outcomes = await Promise.allSettled([
      create('a', false),
      create('b', true),
      create('c', false),
      create('d', true),
    ])
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const refused = outcomes.filter(({ status }) => status === 'rejected')
    for (const outcome of refused) expect(outcome).toMatchObject({ reason: { code: 412 } })
  })

  test('every condition, on reads, writes, patches and deletions', async () => {
    const file = bucket.file('x')
    await file.save('1', { resumable: false })
    const [{ generation: first }] = await file.getMetadata()
    const url = `${cloud.url}/storage/v1/b/${bucket.name}/o/x`
    const status = async (query: string, init: RequestInit = {}) =>
      (await fetch(`${url}?${query}`, init)).status
    const patch = { method: 'PATCH', body: '{"metadata":{"a":"b"}}' }
    expect(await status(`ifGenerationMatch=${first}`)).toBe(200)
    expect(await status('ifGenerationMatch=1')).toBe(412)
    expect(await status(`ifGenerationNotMatch=${first}`)).toBe(304)
    expect(await status('ifGenerationNotMatch=1')).toBe(200)
    expect(await status('ifMetagenerationMatch=2', patch)).toBe(412)
    expect(await status('ifMetagenerationMatch=1', patch)).toBe(200)
    expect(await status('ifMetagenerationMatch=2')).toBe(200)
    expect(await status('ifMetagenerationNotMatch=2&alt=media')).toBe(304)
    expect(await status('ifGenerationMatch=1', { method: 'DELETE' })).toBe(412)
    expect(await status('ifGenerationMatch=soon')).toBe(400)
    expect(
      await failure(file.save('2', { resumable: false, preconditionOpts: { ifGenerationMatch: 5 } })),
    ).toMatchObject({ code: 412, errors: [{ reason: 'conditionNotMet' }] })
    expect(await status(`ifGenerationMatch=${first}`, { method: 'DELETE' })).toBe(204)
    expect(await status('ifGenerationMatch=0')).toBe(404)
  })
})

describe('versions', () => {
  test('without versioning an overwrite or a deletion is final', async () => {
    await bucket.file('x').save('1', { resumable: false })
    const [{ generation }] = await bucket.file('x').getMetadata()
    await bucket.file('x').save('2', { resumable: false })
    expect(await failure(bucket.file('x', { generation: generation! }).download())).toMatchObject({
      code: 404,
    })
  })

  test('with versioning: listed, read, restored and deleted by generation', async () => {
    await bucket.setMetadata({ versioning: { enabled: true } })
    const generations: string[] = []
    for (const content of ['1', '2', '3']) {
      await bucket.file('x').save(content, { resumable: false })
      generations.push(generationOf((await bucket.file('x').getMetadata())[0]))
    }
    expect(generations).toEqual(generations.toSorted())
    const [versions] = await bucket.getFiles({ versions: true })
    expect(versions.map(({ metadata }) => generationOf(metadata))).toEqual(generations)
    expect(versions.map(({ metadata }) => metadata.timeDeleted !== undefined)).toEqual([true, true, false])
    expect(await text('x', generations[0])).toBe('1')
    await bucket.file('x').delete()
    expect(await bucket.file('x').exists()).toEqual([false])
    const [live] = await bucket.getFiles()
    expect(live).toEqual([])
    await bucket.file('x', { generation: generations[0]! }).copy(bucket.file('x'))
    expect(await text('x')).toBe('1')
    await bucket.file('x', { generation: generations[1]! }).delete()
    expect(await failure(bucket.file('x', { generation: generations[1]! }).getMetadata())).toMatchObject({
      code: 404,
    })
    await cloud.restart()
    expect(await text('x', generations[2])).toBe('3')
  })

  test('lifecycle rules act as the clock goes on', async () => {
    await bucket.setMetadata({
      versioning: { enabled: true },
      lifecycle: {
        rule: [
          { action: { type: 'Delete' }, condition: { numNewerVersions: 2 } },
          { action: { type: 'Delete' }, condition: { age: 30, matchesPrefix: ['tmp/'] } },
        ],
      },
    })
    for (const content of ['1', '2', '3', '4']) await bucket.file('x').save(content, { resumable: false })
    await bucket.file('tmp/y').save('y', { resumable: false })
    cloud.clock.advance(86_400_000)
    expect((await bucket.getFiles({ versions: true, prefix: 'x' }))[0]).toHaveLength(2)
    expect(await bucket.file('tmp/y').exists()).toEqual([true])
    cloud.clock.advance(29 * 86_400_000)
    expect(await bucket.file('tmp/y').exists()).toEqual([false])
    expect(await text('x')).toBe('4')
  })
})

describe('metadata, copies and listing', () => {
  test('patch merges custom metadata and counts metagenerations', async () => {
    await bucket.file('x').save('x', { resumable: false, metadata: { metadata: { a: '1', b: '2' } } })
    await bucket.file('x').setMetadata({ metadata: { b: null, c: '3' }, contentType: 'text/plain' })
    const [metadata] = await bucket.file('x').getMetadata()
    expect(metadata).toMatchObject({ contentType: 'text/plain', metageneration: '2' })
    expect(metadata.metadata).toEqual({ a: '1', c: '3' })
    expect(
      await failure(bucket.file('x').setMetadata({ metadata: { big: 'x'.repeat(8192) } })),
    ).toMatchObject({ code: 400 })
  })

  test('copy, rewrite, move and combine', async () => {
    const [other] = await cloud.client.createBucket(`${bucket.name}-copy`)
    await bucket
      .file('a')
      .save('aa', { resumable: false, contentType: 'text/plain', metadata: { metadata: { k: 'v' } } })
    await bucket.file('a').copy(other.file('deep/b'))
    const [copied] = await other.file('deep/b').getMetadata()
    expect(copied).toMatchObject({ contentType: 'text/plain', metadata: { k: 'v' }, size: '2' })
    await bucket.file('a').copy(other.file('c'), { contentType: 'text/csv', metadata: { z: '1' } })
    expect((await other.file('c').getMetadata())[0]).toMatchObject({
      contentType: 'text/csv',
      metadata: { z: '1' },
    })
    await bucket.file('a').move('moved')
    expect(await bucket.file('a').exists()).toEqual([false])
    await bucket.file('moved').moveFileAtomic('atomic')
    expect(await bucket.file('moved').exists()).toEqual([false])
    await bucket.file('second').save('bb', { resumable: false })
    await bucket.combine(['atomic', 'second'], 'both')
    expect(await text('both')).toBe('aabb')
    const [both] = await bucket.file('both').getMetadata()
    expect(both).toMatchObject({ componentCount: 2, size: '4' })
    expect(both.md5Hash).toBeUndefined()
    expect(await failure(bucket.file('absent').copy('y'))).toMatchObject({ code: 404 })
    expect(
      await failure(bucket.file('both').copy('second', { preconditionOpts: { ifGenerationMatch: 0 } })),
    ).toMatchObject({ code: 412 })
  })

  test('list: prefix, delimiter, offsets, glob and pages', async () => {
    const names = [
      'a.txt',
      'dir/b.txt',
      'dir/sub/c.json',
      'dir/sub/d.txt',
      'e.json',
      'z/\u{10000}',
      'z/\uFFFF',
    ]
    for (const name of names) await bucket.file(name).save(name, { resumable: false })
    const list = async (options: object) => {
      const [files, , response] = await bucket.getFiles({ autoPaginate: false, ...options })
      const { prefixes, nextPageToken } = response as { prefixes?: string[]; nextPageToken?: string }
      return { names: files.map(({ name }) => name), prefixes, nextPageToken }
    }
    // UTF-8 order, in which U+FFFF comes before U+10000.
    expect((await list({})).names).toEqual([...names.slice(0, 5), 'z/\uFFFF', 'z/\u{10000}'])
    expect(await list({ delimiter: '/' })).toMatchObject({
      names: ['a.txt', 'e.json'],
      prefixes: ['dir/', 'z/'],
    })
    expect(await list({ prefix: 'dir/', delimiter: '/' })).toMatchObject({
      names: ['dir/b.txt'],
      prefixes: ['dir/sub/'],
    })
    expect((await list({ startOffset: 'dir/sub/d', endOffset: 'z' })).names).toEqual([
      'dir/sub/d.txt',
      'e.json',
    ])
    expect((await list({ matchGlob: '*.json' })).names).toEqual(['e.json'])
    expect((await list({ matchGlob: '**.json' })).names).toEqual(['dir/sub/c.json', 'e.json'])
    expect((await list({ matchGlob: 'dir/**/[cd].{txt,json}' })).names).toEqual([
      'dir/sub/c.json',
      'dir/sub/d.txt',
    ])
    const paged: string[] = []
    let pageToken: string | undefined
    do {
      const page = await list({ delimiter: '/', maxResults: 1, pageToken })
      paged.push(...page.names, ...(page.prefixes ?? []))
      pageToken = page.nextPageToken
    } while (pageToken !== undefined)
    expect(paged).toEqual(['a.txt', 'dir/', 'e.json', 'z/'])
    const [all] = await bucket.getFiles({ maxResults: 3 })
    expect(all).toHaveLength(3)
    await bucket.deleteFiles({ prefix: 'dir/' })
    expect((await list({})).names).toHaveLength(4)
  })

  test.each([
    ['absolute', '/absolute'],
    ['a parent segment', 'a/../b'],
    ['the parent', '..'],
    ['NUL', 'nul\0'],
    ['a line break', 'line\nbreak'],
    ['1,025 bytes', 'x'.repeat(1025)],
    ['1,028 bytes of UTF-8', '💥'.repeat(257)],
  ])('refuses an object name: %s', async (_, name) => {
    expect(await failure(bucket.file(name).save('x', { resumable: false }))).toMatchObject({ code: 400 })
  })

  test('takes names of 1,024 bytes and ones that no file system would', async () => {
    for (const name of ['💥'.repeat(256), 'CON', 'a//b', 'trailing/', 'x:run', '%2F', '\' " \\ ?*']) {
      await bucket.file(name).save(name, { resumable: false })
      expect(await text(name)).toBe(name)
    }
  })
})

test('clients that take STORAGE_EMULATOR_HOST as the root of the API', async () => {
  const response = await fetch(`${cloud.url}/b/${bucket.name}`)
  expect(await response.json()).toMatchObject({ kind: 'storage#bucket', name: bucket.name })
})

test('files of this machine: bucket.upload and download to a path', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'upload-test-'))
  try {
    const content = randomBytes(300_000)
    await writeFile(join(folder, 'in.bin'), content)
    const [file] = await bucket.upload(join(folder, 'in.bin'), { destination: 'dir/in.bin' })
    expect(file.metadata).toMatchObject({ name: 'dir/in.bin', contentType: 'application/octet-stream' })
    await file.rename('dir/out.bin')
    await bucket.file('dir/out.bin').download({ destination: join(folder, 'out.bin') })
    expect((await readFile(join(folder, 'out.bin'))).equals(content)).toBe(true)
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('streams', async () => {
  const stream = bucket.file('s').createWriteStream({ resumable: false, contentType: 'text/plain' })
  await new Promise<void>((resolve, reject) => {
    stream.on('finish', resolve).on('error', reject)
    stream.write('one ')
    stream.end('two')
  })
  expect((await buffer(bucket.file('s').createReadStream())).toString()).toBe('one two')
})
