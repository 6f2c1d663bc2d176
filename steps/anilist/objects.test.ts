import { describe, expect, it } from 'vitest'
import { fetchMedia, fetchMediaList, fetchUser } from './contract.ts'
import { snapshotFolder } from './manifest.ts'

describe('what contracts say of their objects', () => {
  it.each([
    [fetchUser, 'user'],
    [fetchMediaList, 'media_list'],
    [fetchMedia, 'media'],
  ] as const)('is where they stage them: %#', ({ objects }, resource) => {
    const folder = snapshotFolder({ userName: '<user>', resource, date: '<date>', runId: '<run>' })
    expect(objects).toEqual([`${decodeURIComponent(folder)}/`])
  })
})
