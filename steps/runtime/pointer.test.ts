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
