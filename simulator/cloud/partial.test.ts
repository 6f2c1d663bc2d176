import { expect, test } from 'vitest'
import { partialResponse } from './partial.ts'
import type { CloudRequest } from './request.ts'

const answer = {
  kind: 'storage#objects',
  nextPageToken: 'x',
  items: [
    { name: 'a', size: '1', owner: { entity: 'u', id: '1' }, metadata: { k: 'v' } },
    { name: 'b', size: '2' },
  ],
}

function ask(fields: string, status = 200) {
  const query = new URLSearchParams(fields === '' ? {} : { fields })
  const request: CloudRequest = { method: 'GET', path: '/', query, headers: {}, body: new Uint8Array() }
  const { status: answered, body } = partialResponse(request, { status, body: { json: answer } })
  return { status: answered, json: (body as { readonly json: unknown }).json }
}

test.each([
  ['', answer],
  ['kind', { kind: 'storage#objects' }],
  ['items/name', { items: [{ name: 'a' }, { name: 'b' }] }],
  [
    'items(name,size),kind',
    { kind: 'storage#objects', items: answer.items.map(({ name, size }) => ({ name, size })) },
  ],
  ['items/owner/entity', { items: [{ owner: { entity: 'u' } }, {}] }],
  ['items/owner/entity,items/owner/id', { items: [{ owner: { entity: 'u', id: '1' } }, {}] }],
  ['items,items/name', { items: answer.items }],
  ['items(name, owner(id))', { items: [{ name: 'a', owner: { id: '1' } }, { name: 'b' }] }],
  [
    'items/*/entity',
    {
      items: [
        { name: 'a', size: '1', owner: { entity: 'u' }, metadata: {} },
        { name: 'b', size: '2' },
      ],
    },
  ],
  ['*', answer],
  ['nothing', {}],
])('fields=%s', (fields, expected) => {
  expect(ask(fields)).toEqual({ status: 200, json: expected })
})

test.each(['items(', 'items(name', 'items)', 'a,,b', '/a', 'a/', ','])('refused: fields=%s', (fields) => {
  expect(ask(fields)).toMatchObject({
    status: 400,
    json: { error: { errors: [{ reason: 'invalidParameter', location: 'fields' }] } },
  })
})

test('a refusal is not cut down', () => {
  expect(ask('kind', 404).json).toEqual(answer)
})
