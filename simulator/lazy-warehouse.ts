import type { Warehouse } from './warehouse/warehouse.ts'

/**
 * A warehouse that opens its files with the first call: loading the database engine takes longer than most
 * workflows that never ask for it. A failed opening is tried again by the next call.
 */
export function lazyWarehouse(open: () => Promise<Warehouse>): Warehouse {
  let opened: Promise<Warehouse> | null = null
  const get = (): Promise<Warehouse> => {
    opened ??= open().catch((error: unknown) => {
      opened = null
      throw error
    })
    return opened
  }
  const close = async (): Promise<void> => {
    const warehouse = await opened
    await warehouse?.close()
  }
  return new Proxy({} as Warehouse, {
    get: (_target, name) => {
      // A promise that resolves with this object looks for `then`.
      if (name === 'then') return undefined
      if (name === 'close') return close
      return async (...args: unknown[]) => {
        const warehouse = await get()
        const method = Reflect.get(warehouse, name) as (...given: unknown[]) => unknown
        return method.apply(warehouse, args)
      }
    },
  })
}
