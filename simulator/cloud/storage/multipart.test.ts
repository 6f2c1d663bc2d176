import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseRelated } from './multipart.ts'

function body(boundary: string, content: Uint8Array, newline = '\r\n'): Uint8Array {
  const head = [
    `--${boundary}`,
    'Content-Type: application/json; charset=UTF-8',
    '',
    '{"name":"x"}',
    `--${boundary}`,
    'content-type: text/plain',
    '',
    '',
  ].join(newline)
  return Buffer.concat([Buffer.from(head), content, Buffer.from(`${newline}--${boundary}--`)])
}

test('any content comes back unchanged, whatever looks like a boundary in it', () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 20 }),
    fc.constantFrom('--b', '\r\n', '\n', '--b--', '\r\n--', '--').map((text) => Buffer.from(text)),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
      const content = Buffer.concat(pieces)
      // What a client never does: a boundary that occurs in the content at the start of a line.
      fc.pre(!`\n${content.toString('latin1')}`.includes('\n--b'))
      const parts = parseRelated('multipart/related; boundary=b', body('b', content))
      expect(parts.contentType).toBe('text/plain')
      expect(parts.resource).toEqual({ name: 'x' })
      expect(Buffer.from(parts.content).equals(content)).toBe(true)
    }),
  )
})

test.each(['multipart/related; boundary="q =q"', "multipart/related; boundary='q =q'; x=y"])('%s', (type) => {
  const parts = parseRelated(type, body('q =q', Buffer.from('content')))
  expect(Buffer.from(parts.content).toString()).toBe('content')
})

test('bare line feeds, as Python writes them', () => {
  const parts = parseRelated('multipart/related; boundary=b', body('b', Buffer.from('one\n\ntwo'), '\n'))
  expect(Buffer.from(parts.content).toString()).toBe('one\n\ntwo')
})

test.each([
  ['no boundary', 'multipart/related', 'x'],
  ['one part', 'multipart/related; boundary=b', '--b\r\n\r\n{}\r\n--b--'],
  ['no end', 'multipart/related; boundary=b', '--b\r\n\r\n{}\r\n--b\r\n\r\ncontent'],
  ['no JSON', 'multipart/related; boundary=b', '--b\r\n\r\nnot json\r\n--b\r\n\r\ncontent\r\n--b--'],
])('refused: %s', (_, type, text) => {
  expect(() => parseRelated(type, Buffer.from(text))).toThrow(/Malformed multipart body/)
})
