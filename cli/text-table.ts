import { stripVTControlCharacters } from 'node:util'

export interface Column {
  readonly title: string
  readonly align?: 'right'
}

/** A plain table: columns padded to their widest cell, two spaces between, no trailing blanks. */
export function textTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((column, index) =>
    Math.max(displayWidth(column.title), ...rows.map((row) => displayWidth(row[index] ?? ''))),
  )
  const line = (cells: readonly string[]) =>
    columns
      .map(({ align }, index) => {
        const cell = cells[index] ?? ''
        const gap = ' '.repeat(Math.max(0, (widths[index] ?? 0) - displayWidth(cell)))
        return align === 'right' ? gap + cell : cell + gap
      })
      .join('  ')
      .trimEnd()
  return [line(columns.map((column) => column.title)), ...rows.map(line)].join('\n')
}

/** Columns that a text takes in a terminal: no escape codes, wide East Asian characters twice. */
export function displayWidth(text: string): number {
  let width = 0
  for (const character of stripVTControlCharacters(text)) {
    const point = character.codePointAt(0) ?? 0
    if (/\p{Mark}/u.test(character)) continue
    width += isWide(point) ? 2 : 1
  }
  return width
}

/** Cuts a text to a width, with an ellipsis where something is lost. */
export function fitWidth(text: string, width: number): string {
  if (displayWidth(text) <= width) return text
  let cut = ''
  for (const character of text) {
    if (displayWidth(cut + character) > width - 1) break
    cut += character
  }
  return `${cut}…`
}

/** https://www.unicode.org/reports/tr11/ */
function isWide(point: number): boolean {
  return (
    (point >= 0x11_00 && point <= 0x11_5f) ||
    (point >= 0x2e_80 && point <= 0xa4_cf) ||
    (point >= 0xac_00 && point <= 0xd7_a3) ||
    (point >= 0xf9_00 && point <= 0xfa_ff) ||
    (point >= 0xfe_30 && point <= 0xfe_6f) ||
    (point >= 0xff_00 && point <= 0xff_60) ||
    (point >= 0x1_f3_00 && point <= 0x1_fa_ff) ||
    (point >= 0x2_00_00 && point <= 0x3_ff_fd)
  )
}
