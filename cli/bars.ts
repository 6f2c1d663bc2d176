import type { ChartView } from '../history/charts.ts'
import { cellText } from './rows-text.ts'
import { displayWidth, fitWidth } from './text-table.ts'

const barWidth = 32
const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

/** A chart of the dashboard as bars of block characters. */
export function chartBars({ chart, rows, error }: ChartView): string {
  if (error !== null) return `${chart.title}\n  the query failed: ${error}`
  if (rows.length === 0) return `${chart.title}\n  no rows for this date`
  const entries = rows.map((row) => ({
    label: fitWidth(cellText(row[chart.terminal.label]), 34),
    value: Number(row[chart.terminal.value] ?? 0),
  }))
  const most = Math.max(...entries.map(({ value }) => value), 0)
  const labelWidth = Math.max(...entries.map(({ label }) => displayWidth(label)))
  const decimals = entries.every(({ value }) => Number.isInteger(value)) ? 0 : 1
  const format = { minimumFractionDigits: decimals, maximumFractionDigits: decimals }
  const numbers = entries.map(({ value }) => value.toLocaleString('en-US', format))
  const numberWidth = Math.max(...numbers.map((number) => number.length))
  const lines = entries.map(({ label, value }, index) => {
    const gap = ' '.repeat(labelWidth - displayWidth(label))
    return `  ${label}${gap}  ${(numbers[index] ?? '').padStart(numberWidth)}  ${bar(most === 0 ? 0 : value / most)}`
  })
  return [chart.title, ...lines].join('\n')
}

function bar(share: number): string {
  const units = Math.round(Math.max(0, share) * barWidth * 8)
  return '█'.repeat(Math.floor(units / 8)) + (eighths[units % 8] ?? '')
}
