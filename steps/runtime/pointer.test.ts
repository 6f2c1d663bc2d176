import { describe, expect, it } from 'vitest'
import { createMemoryStorage } from './memory-storage.ts'
import { resolveReferences } from './pointer.ts'

async function setup() {
  const open = createMemoryStorage()
  let reads = 0
  const body = JSON.stringify({ output: { list: [{ a: 1 }, { a: null }], fake: { $value: 1, $path: [] } } })
  const { generation } = await open('b').put('o.json', body, {
    contentType: 'application/json',
    ifGeneration: '0',
  })
  const counting = (bucket: string) => {
    const store = open(bucket)
    return { ...store, get: (name: string, wanted?: string) => ((reads += 1), store.get(name, wanted)) }
  }
  const pointer = (...path: (string | number)[]) => ({
    $output: 'gs://b/o.json',
    $generation: generation,
    $path: path,
  })
  return { open: counting, pointer, reads: () => reads }
}

describe('references in an input', () => {
  it('are resolved at any depth, each object read once', async () => {
    const { open, pointer, reads } = await setup()
    const input = { deep: [{ x: pointer('list') }, pointer('list', 0, 'a')], plain: 'text' }
    expect(await resolveReferences(input, open)).toEqual({
      deep: [{ x: [{ a: 1 }, { a: null }] }, 1],
      plain: 'text',
    })
    expect(reads()).toBe(1)
  })

  it('to a place that is not there are null', async () => {
    const { open, pointer } = await setup()
    for (const path of [['none'], ['list', 9], ['list', '0'], ['list', 1, 'a'], ['list', 0, 'a', 'b']]) {
      expect(await resolveReferences(pointer(...path), open)).toBeNull()
    }
  })

  it('select from a value, be it a pointer or not', async () => {
    const { open, pointer } = await setup()
    expect(await resolveReferences({ $value: pointer('list'), $path: [0, 'a'] }, open)).toBe(1)
    expect(await resolveReferences({ $value: { x: [5] }, $path: ['x', 0] }, open)).toBe(5)
    expect(await resolveReferences({ $value: null, $path: ['x'] }, open)).toBeNull()
  })

  it('are not looked for in what they lead to, nor in maps that only look alike', async () => {
    const { open, pointer } = await setup()
    expect(await resolveReferences(pointer('fake'), open)).toEqual({ $value: 1, $path: [] })
    const alike = { $value: 1, $path: ['x'], more: true }
    expect(await resolveReferences(alike, open)).toEqual(alike)
  })

  it('to an object that is gone fail', async () => {
    const { open, pointer } = await setup()
    await expect(resolveReferences({ ...pointer('list'), $generation: '1' }, open)).rejects.toThrow('o.json')
  })
})

describe('what instances of a mapped task gave', () => {
  async function instances(): Promise<ReturnType<typeof createMemoryStorage>> {
    const open = createMemoryStorage()
    const bodies = {
      '0/result.json': { output: { n: 0 } },
      '1/outcome.json': { state: 'failed', error: { code: 'refused', message: 'no' } },
      '2/result.json': { skip: 'nothing new' },
      '2/outcome.json': { state: 'skipped', error: null },
      '3/result.json': { state: 'success', tries: 1, output: { n: 3 } },
      '4/outcome.json': { state: 'upstream_failed', error: null },
    }
    for (const [name, body] of Object.entries(bodies)) {
      const options = { contentType: 'application/json', ifGeneration: '0' }
      await open('b').put(`runs/d/r/m/${name}`, JSON.stringify(body), options)
    }
    return open
  }
  const all = { $map: 'gs://b/runs/d/r/m/', $count: 6 }

  it('stands by position, with gaps', async () => {
    const outputs = { ...all, $as: 'outputs' }
    expect(await resolveReferences({ pages: outputs }, await instances())).toEqual({
      pages: [{ n: 0 }, null, null, { n: 3 }, null, null],
    })
  })

  it('is told with states and errors', async () => {
    const outcomes = { ...all, $as: 'outcomes' }
    const end = (index: number, state: string, output: unknown = null, error: unknown = null) => ({
      index,
      state,
      output,
      error,
    })
    expect(await resolveReferences(outcomes, await instances())).toEqual([
      end(0, 'success', { n: 0 }),
      end(1, 'failed', null, { code: 'refused', message: 'no' }),
      end(2, 'skipped'),
      end(3, 'success', { n: 3 }),
      end(4, 'upstream_failed'),
      end(5, 'failed'),
    ])
  })

  it('is read one by one where one is wanted', async () => {
    const open = await instances()
    const read: string[] = []
    const counting = (bucket: string) => {
      const store = open(bucket)
      return { ...store, get: (name: string) => (read.push(name), store.get(name)) }
    }
    const one = (...path: (string | number)[]) => ({ $value: { ...all, $as: 'outputs' }, $path: path })
    expect(await resolveReferences([one(3, 'n'), one(1), one(9)], counting)).toEqual([3, null, null])
    expect(read.toSorted()).toEqual(['runs/d/r/m/1/result.json', 'runs/d/r/m/3/result.json'])
    expect(await resolveReferences({ ...all, $count: 0, $as: 'outputs' }, counting)).toEqual([])
  })

  it('fails where an object is no result', async () => {
    const open = createMemoryStorage()
    await open('b').put('m/0/result.json', '[1]', { contentType: 'application/json', ifGeneration: '0' })
    const broken = { $map: 'gs://b/m/', $count: 1, $as: 'outputs' }
    await expect(resolveReferences(broken, open)).rejects.toThrow('Invalid input')
  })
})

describe('merged maps', () => {
  it('are one, the later counting; what is no map stands for itself', async () => {
    const { open, pointer } = await setup()
    const item = { $value: pointer('list'), $path: [0] }
    expect(await resolveReferences({ $merge: [{ a: 0, b: 2 }, item] }, open)).toEqual({ a: 1, b: 2 })
    expect(await resolveReferences({ $merge: [{ a: 0 }, pointer('none')] }, open)).toBeNull()
  })
})
