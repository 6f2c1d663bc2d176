import { refOf, type Handle } from './ref.ts'

/** What may stand in a text. */
type TextPart = Handle<string | number | null | undefined> | string | number

interface TextTemplate {
  readonly strings: readonly string[]
  readonly values: readonly unknown[]
}

const templates = new WeakMap<object, TextTemplate>()

/**
 * A text with values of a run in it: names of objects, paths and addresses. The workflow puts it together, so that its
 * values are bounded to 1 KB each; null, and what is not there, gives no text.
 *
 * @example
 * sensor('export_done', objectExists({ bucket: 'shop-exports', object: text`sales/${run.date}/_SUCCESS` }))
 *
 * @example
 * task('load', load, { folder: text`${params.region}/${run.date}` })
 */
export function text(strings: TemplateStringsArray, ...values: readonly TextPart[]): Handle<string> {
  const handle = Object.freeze({})
  templates.set(handle, { strings, values })
  return handle as Handle<string>
}

/** The parts of a text, or null where the value is none. */
export function partsOfText(value: unknown): readonly unknown[] | null {
  const template =
    typeof value === 'object' && value !== null && !refOf(value) ? templates.get(value) : undefined
  if (!template) return null
  return template.strings
    .flatMap((string, index) => (index === 0 ? [string] : [template.values[index - 1], string]))
    .filter((part) => part !== '')
}
