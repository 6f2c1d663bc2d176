import { partText, type Location, type SqlText } from '../../dsl/index.ts'

/** SQL as one text that knows which line of the author's each character comes from. */
export interface PlacedSql {
  readonly text: string
  readonly placeOf: (offset: number) => Location | null
}

export function placedSql({ parts, at }: SqlText): PlacedSql {
  const texts = parts.map(partText)
  return {
    text: texts.join(''),
    placeOf(offset) {
      let start = 0
      for (const [index, text] of texts.entries()) {
        if (offset < start + text.length) {
          const place = parts[index]!.at
          return place && { file: place.file, line: place.line + lineBreaks(text.slice(0, offset - start)) }
        }
        start += text.length
      }
      return at
    },
  }
}

function lineBreaks(text: string): number {
  return text.split('\n').length - 1
}
