import { plainRow, type PlainRow } from '../history/plain-row.ts'
import type { Emulator } from '../simulator/emulator.ts'
import { bucketsOf, jsonOf, requestOf } from './bucket.ts'
import type { SimulatedCloud } from './options.ts'
import { place } from './place.ts'

/** Looks into the local cloud of a simulation. */
export function simulatedCloud({ dispatch, url }: Pick<Emulator, 'dispatch' | 'url'>): SimulatedCloud {
  const bucket = bucketsOf(dispatch)(place.bucket)
  return {
    query: async (sql) => {
      const clients = await localClients(url)
      try {
        const [rows] = await (await clients.bigquery()).query({ query: sql, location: place.datasetLocation })
        return (rows as readonly PlainRow[]).map(plainRow)
      } finally {
        await clients.close()
      }
    },
    object: async (name) =>
      (await bucket.stat(name)) === null ? null : Buffer.from(await bucket.get(name)).toString('utf8'),
    objects: async (prefix = '') => {
      const names: string[] = []
      for (let token = ''; ;) {
        const query = new URLSearchParams({ prefix, ...(token === '' ? {} : { pageToken: token }) })
        const page = jsonOf(
          await dispatch(requestOf('GET', `/storage/v1/b/${place.bucket}/o?${query.toString()}`)),
        )
        const items = (page['items'] ?? []) as readonly { readonly name: string }[]
        names.push(...items.map(({ name }) => name))
        if (typeof page['nextPageToken'] !== 'string') return names
        token = page['nextPageToken']
      }
    },
  }
}

/** Google's clients, connected to the emulator at an address; loaded only where a simulation needs them. */
export async function localClients(url: string, images: readonly string[] = []) {
  const [{ configSchema }, { localEnvironment }, { connect }] = await Promise.all([
    import('../deploy/config.ts'),
    import('../deploy/environment.ts'),
    import('../deploy/clients.ts'),
  ])
  const commands = Object.fromEntries(images.map((name) => [name, { command: [name] }]))
  return connect(localEnvironment(configSchema.parse({ images: commands }), url))
}
