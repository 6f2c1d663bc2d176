import type { StepTask, InputValue } from '../../dsl/index.ts'
import type { RefSource } from '../../dsl/ref.ts'

/** https://cloud.google.com/run/docs/configuring/services/environment-variables bounds a variable to 32 KB; we stay below. */
const mostInlineBytes = 24_000

/** Bound of a task's output in a variable: 7 KB of JSON in object metadata. */
export const outputBytes = 7 * 1024

/** Bound of what is known of a run: ids and dates. */
const runValueBytes = 128

/** Whether an input can be larger than what an environment variable may carry. */
export function mayExceedInline(task: StepTask): boolean {
  const items = task.mapping?.lists.map(({ list }) => itemBytes(list)) ?? []
  return items.reduce((sum, bytes) => sum + bytes, inputBytes(task.input)) > mostInlineBytes
}

/** Static bound of an item of a list. */
function itemBytes(list: InputValue): number {
  return list.kind === 'list' ? Math.max(0, ...list.items.map(inputBytes)) : inputBytes(list)
}

/** Static bound of the JSON of an input. A param may be as large as the argument of an execution. */
function inputBytes(value: InputValue): number {
  switch (value.kind) {
    case 'literal':
      return Buffer.byteLength(JSON.stringify(value.value))
    case 'list':
      return 2 + value.items.reduce((sum, item) => sum + inputBytes(item) + 1, 0)
    case 'map':
      return (
        2 + value.entries.reduce((sum, { key, value: item }) => sum + key.length + 4 + inputBytes(item), 0)
      )
    case 'text':
      return 2 + value.parts.reduce((sum, part) => sum + inputBytes(part), 0)
    case 'ref':
      return referenceBytes(value.ref.source.kind)
  }
}

function referenceBytes(source: RefSource['kind']): number {
  if (source !== 'params' && source !== 'run') return outputBytes
  // https://cloud.google.com/workflows/quotas: 32 KB for the argument of an execution.
  return source === 'params' ? 32 * 1024 : runValueBytes
}

/** An expression that tests JSON text for its size: `len` counts characters, base64 has four for every three bytes. */
export function largeInputTest(json: string): string {
  return `len(base64.encode(text.encode(${json}))) > ${(mostInlineBytes / 3) * 4}`
}
