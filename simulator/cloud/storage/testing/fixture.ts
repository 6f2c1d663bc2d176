import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { Storage, IdempotencyStrategy } from '@google-cloud/storage'
import type { Clock } from '../../../clock.ts'
import { createDispatch, listen } from '../../server.ts'
import { createStorageService, type StorageService } from '../index.ts'

/** A clock that tests set by hand; sleeps take wall time. */
export interface TestClock extends Clock {
  advance(milliseconds: number): void
}

export function testClock(start = Date.parse('2026-03-09T09:00:00Z')): TestClock {
  let time = start
  return {
    now: () => time,
    sleep: (milliseconds, signal) =>
      setTimeout(milliseconds, undefined, signal === undefined ? {} : { signal }),
    track: (work) => work,
    advance: (milliseconds) => {
      time += milliseconds
    },
  }
}

/** The storage service on a free port, with Google's client pointed at it. */
export interface StorageFixture {
  readonly url: string
  readonly clock: TestClock
  readonly client: Storage
  readonly dir: string
  readonly service: StorageService
  /** Closes the service and opens the same folder again. */
  restart(): Promise<void>
  stop(): Promise<void>
}

export async function startStorage(): Promise<StorageFixture> {
  const dir = await mkdtemp(join(tmpdir(), 'storage-test-'))
  const clock = testClock()
  let url = ''
  const open = () => createStorageService({ dir, clock, baseUrl: () => url })
  let service = await open()
  const server = await listen(
    createDispatch([
      { name: 'current', handle: (request) => service.handle(request), close: () => service.close() },
    ]),
    { port: 0 },
  )
  url = server.url
  const client = new Storage({
    apiEndpoint: url,
    projectId: 'local-project',
    retryOptions: { autoRetry: false, idempotencyStrategy: IdempotencyStrategy.RetryNever },
  })
  return {
    url,
    clock,
    client,
    dir,
    get service() {
      return service
    },
    restart: async () => {
      await service.close()
      service = await open()
    },
    stop: async () => {
      await server.close()
      await service.close()
      await rm(dir, { recursive: true })
    },
  }
}
