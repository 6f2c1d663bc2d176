import { expect, it } from 'vitest'
import { lazyWarehouse } from './lazy-warehouse.ts'
import type { Warehouse } from './warehouse/warehouse.ts'

function stage() {
  const calls: string[] = []
  let failures = 0
  const real = {
    name: 'real',
    listDatasets(this: { readonly name: string }) {
      calls.push(`list ${this.name}`)
      return Promise.resolve([])
    },
    close: () => {
      calls.push('close')
      return Promise.resolve()
    },
  } as unknown as Warehouse
  const warehouse = lazyWarehouse(() => {
    calls.push('open')
    if (failures > 0) {
      failures -= 1
      return Promise.reject(new Error('locked'))
    }
    return Promise.resolve(real)
  })
  return { calls, warehouse, fail: (times: number) => (failures = times) }
}

it('opens once, with the first call', async () => {
  const { calls, warehouse } = stage()
  await Promise.resolve(warehouse)
  expect(calls).toEqual([])
  await Promise.all([warehouse.listDatasets(), warehouse.listDatasets()])
  expect(calls).toEqual(['open', 'list real', 'list real'])
  await warehouse.close()
  expect(calls.at(-1)).toBe('close')
})

it('closes nothing that was never opened', async () => {
  const { calls, warehouse } = stage()
  await warehouse.close()
  expect(calls).toEqual([])
})

it('tries again after a failure', async () => {
  const { calls, warehouse, fail } = stage()
  fail(1)
  await expect(warehouse.listDatasets()).rejects.toThrow('locked')
  await warehouse.listDatasets()
  expect(calls).toEqual(['open', 'open', 'list real'])
})
