import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

/**
 * TypeScript in the guides is text of files that are compiled and run by other tests: what a reader copies works. The
 * formatter may break its lines elsewhere.
 */

const root = resolve(import.meta.dirname, '../..')
const guides = ['docs/authoring.md', 'docs/from-airflow.md']
const sources = ['examples', 'dags', 'steps'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => join(root, folder, file)),
)
const texts = new Map(sources.map((file) => [relative(root, file), essence(readFileSync(file, 'utf8'))]))

const snippets = guides.flatMap((guide) =>
  [...readFileSync(join(root, guide), 'utf8').matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((match) => ({
    guide,
    text: match[1] ?? '',
  })),
)

describe('guides', () => {
  it.each(snippets)('$guide: $text', ({ text }) => {
    expect(holdersOf(text)).not.toEqual([])
  })

  it('have snippets', () => {
    for (const guide of guides) expect(snippets.some((snippet) => snippet.guide === guide)).toBe(true)
  })

  it('quote every example', () => {
    const quoted = new Set(snippets.flatMap(({ text }) => holdersOf(text)))
    const examples = [...texts.keys()].filter((file) => /^examples\/[^/]+\/dag\.ts$/.test(file))
    expect(examples.filter((file) => !quoted.has(file))).toEqual([])
  })
})

/** Files that hold a text. */
function holdersOf(text: string): readonly string[] {
  // A comma at the end stands before whatever follows in the file.
  const wanted = essence(text).replace(/,$/, '')
  return [...texts].filter(([, file]) => file.includes(wanted)).map(([file]) => file)
}

/** Without what formatting decides: blanks, and commas before a closing bracket. */
function essence(text: string): string {
  return text.replaceAll(/\s+/g, '').replaceAll(/,([)\]}])/g, '$1')
}
