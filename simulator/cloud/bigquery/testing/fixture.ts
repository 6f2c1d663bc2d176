import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BigQuery } from '@google-cloud/bigquery'
import { Storage } from '@google-cloud/storage'
import { PassThroughClient } from 'google-auth-library'
import type { Warehouse } from '../../../warehouse/warehouse.ts'
import type { CloudService } from '../../request.ts'
import { createDispatch, listen } from '../../server.ts'
import { createStorageService } from '../../storage/index.ts'
import { testClock, type TestClock } from '../../storage/testing/fixture.ts'
import { createBigQueryService } from '../index.ts'

export const project = 'local-project'

/** Both services on a free port, with Google's clients pointed at them. */
export interface BigQueryFixture {
  readonly url: string
  readonly clock: TestClock
  readonly client: BigQuery
  readonly storage: Storage
  /** Opens the folder again, as after a kill: without closing first. */
  reopen(): Promise<void>
  stop(): Promise<void>
}

export async function startBigQuery(
  open: (dir: string) => Warehouse | Promise<Warehouse>,
  options: {
    readonly project?: string
    readonly now?: number
    readonly onWarning?: (message: string) => void
  } = {},
): Promise<BigQueryFixture> {
  process.env['METADATA_SERVER_DETECTION'] = 'none'
  const dir = await mkdtemp(join(tmpdir(), 'bigquery-test-'))
  const projectId = options.project ?? project
  const clock = testClock(options.now)
  let url = ''
  const warehouse = await open(join(dir, 'warehouse'))
  const storageService = await createStorageService({ dir: join(dir, 'storage'), clock, baseUrl: () => url })
  const openService = () =>
    createBigQueryService({
      dir: join(dir, 'bigquery'),
      clock,
      project: projectId,
      storage: storageService,
      warehouse,
      ...(options.onWarning === undefined ? {} : { onWarning: options.onWarning }),
    })
  let service = await openService()
  const abandoned: CloudService[] = []
  const current: CloudService = {
    name: 'bigquery',
    handle: (request) => service.handle(request),
    close: () => service.close(),
  }
  const server = await listen(createDispatch([current, storageService]), { port: 0 })
  url = server.url
  return {
    url,
    clock,
    // The client's types know only clients that sign; this one passes requests through.
    client: new BigQuery({
      apiEndpoint: url,
      projectId,
      authClient: new PassThroughClient() as never,
    }),
    storage: new Storage({ apiEndpoint: url, projectId }),
    reopen: async () => {
      abandoned.push(service)
      service = await openService()
    },
    stop: async () => {
      await server.close()
      for (const each of [...abandoned, service]) await each.close()
      await storageService.close()
      await warehouse.close()
      await rm(dir, { recursive: true })
    },
  }
}
