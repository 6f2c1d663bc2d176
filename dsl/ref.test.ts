import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { isDagError } from './errors/index.ts'
import { makeRef, refOf, refText, type Ref } from './ref.ts'

interface Output {
  readonly name: string
  readonly objects: readonly { readonly size: number }[]
  readonly deep: { readonly more?: { readonly text: string } | null }
}

const schema = z.object({
  name: z.string(),
  objects: z.array(z.object({ size: z.number() })),
  deep: z.object({ more: z.object({ text: z.string() }).nullable().optional() }),
  open: z.record(z.string(), z.number()),
  either: z.union([z.object({ a: z.string() }), z.object({ b: z.string() })]),
  pair: z.tuple([z.object({ left: z.string() }), z.string()]),
  any: z.unknown(),
  loose: z.looseObject({ known: z.string() }),
})

const owner = {}
const ref = makeRef<Output>(owner, { source: { kind: 'task', task: 'fetch' }, path: [] }, schema)
const loosely = ref as unknown as Record<string, Record<string, Record<string, unknown>>>

describe('a reference', () => {
  it('knows what it stands for', () => {
    expect(refOf(ref.objects[1]?.size)).toMatchObject({
      owner,
      source: { kind: 'task', task: 'fetch' },
      path: ['objects', 1, 'size'],
    })
    expect(refOf({ kind: 'ref' })).toBeNull()
    expect(refOf('text')).toBeNull()
  })

  it('is the same for the same field, and frozen', () => {
    expect(ref.name === ref.name).toBe(true)
    expect(Reflect.isExtensible(ref)).toBe(false)
  })

  it.each([
    ['optional and nullable objects', () => ref.deep.more.text, 'fetch.deep.more.text'],
    ['records', () => loosely['open']?.['x'], 'fetch.open.x'],
    ['unions', () => loosely['either']?.['b'], 'fetch.either.b'],
    ['tuples', () => loosely['pair']?.['0']?.['left'], 'fetch.pair[0].left'],
    ['unknown values', () => loosely['any']?.['what']?.['ever'], 'fetch.any.what.ever'],
    ['loose objects', () => loosely['loose']?.['more'], 'fetch.loose.more'],
  ])('leads into %s', (_, read, text) => {
    const found = refOf(read())
    expect(found && refText(found)).toBe(text)
  })

  const misuses: readonly (readonly [string, string, () => unknown])[] = [
    ['DAG201', 'a template string', () => `${ref.name as unknown as string}.json`],
    ['DAG201', 'addition', () => (ref.name as unknown as string) + 'x'],
    ['DAG201', 'comparison', () => (ref.objects[0].size as unknown as number) > 3],
    ['DAG201', 'toString', () => Reflect.apply(String, null, [ref])],
    ['DAG202', 'JSON', () => JSON.stringify({ list: [ref.objects] })],
    ['DAG203', 'iteration', () => [...(ref.objects as unknown as Iterable<unknown>)]],
    ['DAG203', 'an object spread', () => ({ ...ref })],
    ['DAG203', 'in', () => 'name' in ref],
    ['DAG203', 'Object.keys', () => Object.keys(ref)],
    ['DAG204', 'then', () => (ref as unknown as Promise<unknown>).then(() => undefined)],
    ['DAG205', 'a wrong field', () => loosely['nam']],
    ['DAG205', 'a method of lists', () => loosely['objects']?.['map']],
    ['DAG205', 'a field of a text', () => loosely['name']?.['length']],
    ['DAG206', 'assignment', () => Object.assign(ref, { name: 'x' })],
    ['DAG206', 'deletion', () => Reflect.deleteProperty(ref, 'name')],
    ['DAG206', 'definition', () => Object.defineProperty(ref, 'name', { value: 1 })],
  ]

  it.each(misuses)('refuses with %s: %s', (code, _, misuse) => {
    const error = thrownBy(misuse)
    if (!isDagError(error)) throw new Error('no DagError was thrown')
    expect(error.code).toBe(code)
    expect(error.at?.file).toBe(import.meta.filename)
    expect(error.hint).not.toBe('')
    expect(error.docs).toBe(`docs/errors/${code}.md`)
  })

  it('refuses await', async () => {
    const waiting = async () => await (ref as unknown)
    await expect(waiting()).rejects.toMatchObject({ name: 'DagError', code: 'DAG204' })
  })

  it('suggests the field that was meant', () => {
    expect(thrownBy(() => loosely['objcts'])).toMatchObject({ hint: 'did you mean "objects"?' })
  })

  it('can be a field of a type that may be absent', () => {
    const optional: Ref<string> = ref.deep.more.text
    expect(refOf(optional)?.path).toEqual(['deep', 'more', 'text'])
  })
})

function thrownBy(action: () => unknown): unknown {
  try {
    action()
  } catch (error) {
    return error
  }
  return null
}
