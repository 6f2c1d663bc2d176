import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Bucket } from '@google-cloud/storage'
import { failure } from './testing/failure.ts'
import { startStorage, type StorageFixture } from './testing/fixture.ts'

/** Settings of buckets and who may do what, through Google's client. */
let cloud: StorageFixture
let bucket: Bucket
let count = 0

beforeAll(async () => {
  cloud = await startStorage()
})
afterAll(() => cloud.stop())
beforeEach(async () => {
  ;[bucket] = await cloud.client.createBucket(`settings-${(count += 1)}`)
})

const day = 86_400_000

describe('settings', () => {
  test('cors, website, logging, storage class and billing are kept; null removes', async () => {
    await bucket.setCorsConfiguration([
      { maxAgeSeconds: 60, method: ['GET'], origin: ['*'], responseHeader: [] },
    ])
    await bucket.setMetadata({ website: { mainPageSuffix: 'index.html', notFoundPage: '404.html' } })
    await bucket.setStorageClass('nearline')
    await bucket.enableLogging({ bucket: bucket.name, prefix: 'log' })
    await bucket.enableRequesterPays()
    expect((await bucket.getMetadata())[0]).toMatchObject({
      cors: [{ maxAgeSeconds: 60, method: ['GET'], origin: ['*'], responseHeader: [] }],
      website: { mainPageSuffix: 'index.html', notFoundPage: '404.html' },
      storageClass: 'NEARLINE',
      logging: { logBucket: bucket.name, logObjectPrefix: 'log' },
      billing: { requesterPays: true },
    })
    await bucket.file('x').save('x', { resumable: false })
    expect((await bucket.file('x').getMetadata())[0]).toMatchObject({ storageClass: 'NEARLINE' })
    await bucket.setMetadata({ website: null as never, billing: { requesterPays: null as never } })
    const [metadata] = await bucket.getMetadata()
    expect(metadata.website).toBeUndefined()
    expect(metadata.billing).toEqual({})
    expect(await failure(bucket.setMetadata({ storageClass: 'LUKEWARM' }))).toMatchObject({ code: 400 })
  })

  test('lifecycle rules are added and removed', async () => {
    await bucket.addLifecycleRule({ action: { type: 'Delete' }, condition: { age: 1 } })
    await bucket.addLifecycleRule({
      action: { type: 'SetStorageClass', storageClass: 'COLDLINE' },
      condition: { matchesSuffix: ['.csv'], age: 0 },
    })
    expect((await bucket.getMetadata())[0].lifecycle?.rule).toHaveLength(2)
    await bucket.file('a.csv').save('x', { resumable: false })
    cloud.clock.advance(3_600_000)
    expect((await bucket.file('a.csv').getMetadata())[0]).toMatchObject({
      storageClass: 'COLDLINE',
      metageneration: '2',
    })
    cloud.clock.advance(day)
    expect(await bucket.file('a.csv').exists()).toEqual([false])
    await bucket.setMetadata({ lifecycle: null })
    expect((await bucket.getMetadata())[0].lifecycle).toBeUndefined()
  })

  test('a partial answer has the fields asked for', async () => {
    await bucket.file('x').save('x', { resumable: false })
    const [files] = await bucket.getFiles({ fields: 'items(name,size),nextPageToken' })
    // With `fields` the client gives what came, not `File`s.
    expect(files).toEqual([{ name: 'x', size: '1' }])
  })

  test('the errors of Cloud Storage carry no canonical code', async () => {
    const response = await fetch(`${cloud.url}/storage/v1/b/absent`)
    expect(await response.json()).toEqual({
      error: {
        code: 404,
        message: 'The specified bucket does not exist.',
        errors: [{ message: 'The specified bucket does not exist.', domain: 'global', reason: 'notFound' }],
      },
    })
  })
})

describe('what may not be deleted', () => {
  test('retention: neither deleted nor overwritten before its time, and a locked policy only grows', async () => {
    await bucket.setRetentionPeriod(3600)
    const file = bucket.file('kept')
    await file.save('1', { resumable: false })
    const [metadata] = await file.getMetadata()
    expect(metadata.retentionExpirationTime).toBe(
      new Date(Date.parse(metadata.timeCreated!) + 3_600_000).toISOString(),
    )
    const refusal = { code: 403, errors: [{ reason: 'retentionPolicyNotMet' }] }
    expect(await failure(file.delete())).toMatchObject(refusal)
    expect(await failure(file.save('2', { resumable: false }))).toMatchObject(refusal)
    await file.setMetadata({ metadata: { a: 'b' } })
    const [{ metageneration }] = await bucket.getMetadata()
    await bucket.lock(metageneration!)
    expect((await bucket.getMetadata())[0].retentionPolicy).toMatchObject({
      retentionPeriod: '3600',
      isLocked: true,
    })
    expect(await failure(bucket.setRetentionPeriod(60))).toMatchObject({ code: 403 })
    expect(await failure(bucket.removeRetentionPeriod())).toMatchObject({ code: 403 })
    cloud.clock.advance(3_600_000)
    await file.delete()
  })

  test('holds', async () => {
    const file = bucket.file('held')
    await file.save('1', { resumable: false })
    await file.setMetadata({ temporaryHold: true })
    expect(await failure(file.delete())).toMatchObject({
      code: 403,
      errors: [{ reason: 'objectUnderActiveHold' }],
    })
    await file.setMetadata({ temporaryHold: false })
    await bucket.setMetadata({ defaultEventBasedHold: true, retentionPolicy: { retentionPeriod: 60 } })
    await file.save('2', { resumable: false }).catch(() => undefined)
    cloud.clock.advance(60_000)
    await file.save('2', { resumable: false })
    expect((await file.getMetadata())[0].eventBasedHold).toBe(true)
    cloud.clock.advance(60_000)
    expect(await failure(file.delete())).toMatchObject({ code: 403 })
    // Retention counts from the moment the hold is lifted.
    await file.setMetadata({ eventBasedHold: false })
    expect(await failure(file.delete())).toMatchObject({ errors: [{ reason: 'retentionPolicyNotMet' }] })
    cloud.clock.advance(60_000)
    await file.delete()
  })

  test('lifecycle rules wait for a hold', async () => {
    await bucket.addLifecycleRule({ action: { type: 'Delete' }, condition: { age: 0 } })
    await bucket.file('held').save('1', { resumable: false, metadata: { temporaryHold: true } })
    cloud.clock.advance(day)
    expect(await bucket.file('held').exists()).toEqual([true])
  })

  test('soft delete: listed, restored, and gone when its time is up', async () => {
    await bucket.setMetadata({ softDeletePolicy: { retentionDurationSeconds: 7 * 86_400 } })
    const file = bucket.file('x')
    await file.save('first', { resumable: false })
    const [{ generation }] = await file.getMetadata()
    await file.save('second', { resumable: false })
    await file.delete()
    expect((await bucket.getFiles())[0]).toEqual([])
    const [deleted] = await bucket.getFiles({ softDeleted: true })
    expect(deleted.map(({ metadata }) => metadata.generation)).toContain(generation)
    expect(deleted).toHaveLength(2)
    const [metadata] = await bucket.file('x', { generation: generation! }).getMetadata({ softDeleted: true })
    expect(Date.parse(metadata.hardDeleteTime!) - Date.parse(metadata.softDeleteTime!)).toBe(7 * day)
    expect(await failure(bucket.file('x', { generation: generation! }).getMetadata())).toMatchObject({
      code: 404,
    })
    await cloud.restart()
    await file.restore({ generation: Number(generation) })
    expect((await file.download())[0].toString()).toBe('first')
    await file.delete()
    cloud.clock.advance(7 * day)
    expect((await bucket.getFiles({ softDeleted: true }))[0]).toEqual([])
    expect(await failure(file.restore({ generation: Number(generation) }))).toMatchObject({ code: 404 })
    await file.save('third', { resumable: false })
    await file.delete()
    await bucket.delete()
  })
})

describe('access control lists', () => {
  test('of objects: add, get, update, delete, public and private', async () => {
    const file = bucket.file('x')
    await file.save('x', { resumable: false })
    const [before] = await file.acl.get()
    expect(before).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ role: 'OWNER', projectTeam: expect.objectContaining({ team: 'owners' }) }),
      ]),
    )
    await file.acl.add({ entity: 'user-a@example.com', role: 'READER' })
    expect((await file.acl.get({ entity: 'user-a@example.com' }))[0]).toMatchObject({ role: 'READER' })
    await file.acl.update({ entity: 'user-a@example.com', role: 'OWNER' })
    expect((await file.getMetadata({ projection: 'full' } as never))[0]).toMatchObject({
      metageneration: '3',
      acl: expect.arrayContaining([
        expect.objectContaining({ entity: 'user-a@example.com', role: 'OWNER', email: 'a@example.com' }),
      ]) as unknown,
    })
    await file.acl.delete({ entity: 'user-a@example.com' })
    expect(await failure(file.acl.get({ entity: 'user-a@example.com' }))).toMatchObject({ code: 404 })
    await file.makePublic()
    expect((await file.acl.get({ entity: 'allUsers' }))[0]).toMatchObject({ role: 'READER' })
    await file.makePrivate()
    expect(await failure(file.acl.get({ entity: 'allUsers' }))).toMatchObject({ code: 404 })
    expect(await failure(file.acl.add({ entity: 'nobody', role: 'READER' }))).toMatchObject({ code: 400 })
    expect(await failure(file.acl.add({ entity: 'allUsers', role: 'WRITER' }))).toMatchObject({ code: 400 })
  })

  test('of buckets and of the objects made in them', async () => {
    await bucket.acl.add({ entity: 'allUsers', role: 'READER' })
    await bucket.acl.default.add({ entity: 'domain-example.com', role: 'READER' })
    await bucket.file('x').save('x', { resumable: false })
    expect((await bucket.file('x').acl.get({ entity: 'domain-example.com' }))[0]).toMatchObject({
      role: 'READER',
    })
    await bucket.file('y').save('y', { resumable: false, predefinedAcl: 'private' })
    expect((await bucket.file('y').acl.get())[0]).toHaveLength(1)
    await bucket.makePublic({ includeFiles: true })
    expect((await bucket.acl.default.get({ entity: 'allUsers' }))[0]).toMatchObject({ role: 'READER' })
    await bucket.makePrivate({ includeFiles: true })
    expect(await failure(bucket.acl.get({ entity: 'allUsers' }))).toMatchObject({ code: 404 })
  })

  test('with uniform bucket-level access there are none', async () => {
    const [uniform] = await cloud.client.createBucket(`${bucket.name}-uniform`, {
      iamConfiguration: { uniformBucketLevelAccess: { enabled: true } },
    })
    expect(uniform.metadata.iamConfiguration).toMatchObject({
      uniformBucketLevelAccess: { enabled: true },
      publicAccessPrevention: 'inherited',
    })
    await uniform.file('x').save('x', { resumable: false })
    const refusals = [
      uniform.file('x').acl.get(),
      uniform.acl.add({ entity: 'allUsers', role: 'READER' }),
      uniform.file('y').save('y', { resumable: false, predefinedAcl: 'publicRead' }),
      uniform.file('x').makePublic(),
    ]
    for (const refusal of await Promise.all(refusals.map(failure))) {
      expect(refusal).toMatchObject({ code: 400 })
      expect(refusal.message).toMatch(/uniform bucket-level access is enabled/)
    }
    const [metadata] = await uniform.file('x').getMetadata({ projection: 'full' } as never)
    expect(metadata.acl).toBeUndefined()
  })

  test('the service account of a project', async () => {
    expect((await cloud.client.getServiceAccount())[0].emailAddress).toMatch(
      /^service-\d+@gs-project-accounts\.iam\.gserviceaccount\.com$/,
    )
  })
})
