import type { LoggerInterface } from 'vega'
import type { ChartView } from '../charts.ts'
import { html, trusted, type Html } from './html.ts'

/** Colours are CSS variables of the page, so that one drawing serves light and dark. */
const theme = {
  background: null,
  font: 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif',
  padding: { left: 0, right: 6, top: 4, bottom: 0 },
  view: { stroke: null },
  bar: { color: 'var(--accent)', cornerRadiusEnd: 3 },
  line: { color: 'var(--accent)', strokeWidth: 2.5 },
  point: { color: 'var(--accent)', filled: true, size: 50 },
  area: { color: 'var(--accent)' },
  rule: { color: 'var(--muted)' },
  text: { color: 'var(--text)', fontSize: 12 },
  axis: {
    labelColor: 'var(--muted)',
    titleColor: 'var(--muted)',
    labelFontSize: 12,
    titleFontSize: 12,
    titleFontWeight: 'normal',
    gridColor: 'var(--line)',
    domain: false,
    tickColor: 'var(--line)',
    labelPadding: 6,
    labelLimit: 160,
    tickCount: 5,
    titlePadding: 10,
  },
  axisY: { ticks: false },
  legend: { labelColor: 'var(--muted)', titleColor: 'var(--muted)', labelFontSize: 12 },
  range: { category: ['var(--accent)', 'var(--good)', 'var(--warn)', 'var(--bad)', 'var(--muted)'] },
} as const

const half = 510
const whole = 1080

/** Draws the dashboard's charts, two in a row; the last of an odd number has a row of its own. */
export async function chartsHtml(charts: readonly ChartView[]): Promise<Html[]> {
  return Promise.all(
    charts.map(async (view, index) => {
      const alone = index === charts.length - 1 && index % 2 === 0
      return html`<figure class="card chart">
        <figcaption>
          <h3>${view.chart.title}</h3>
          <p>${view.chart.description}</p>
        </figcaption>
        ${await drawings(view, alone)}
      </figure>`
    }),
  )
}

/** A chart that is alone in a wide row is drawn for that and, for narrow windows, once more like the others. */
async function drawings(view: ChartView, alone: boolean): Promise<Html> {
  if (view.error !== null) return html`<p class="empty">The query failed: ${view.error}</p>`
  if (view.rows.length === 0) return html`<p class="empty">No rows for this date.</p>`
  const narrow = trusted(await chartSvg(view, half))
  if (!alone) return narrow
  const wide = trusted(await chartSvg(view, whole))
  return html`<div class="wide">${wide}</div>
    <div class="narrow">${narrow}</div>`
}

/** One chart as SVG, without a browser. */
async function chartSvg({ chart, rows }: ChartView, width: number): Promise<string> {
  const [{ compile }, vega] = await Promise.all([import('vega-lite'), import('vega')])
  // Exported, but missing from the package's types.
  const { textMetrics } = vega as unknown as { textMetrics: { width: typeof estimateWidth } }
  textMetrics.width = estimateWidth
  const spec: unknown = {
    width,
    ...chart.spec,
    data: { values: rows },
    autosize: { type: 'fit-x', contains: 'padding' },
    config: theme,
  }
  // Vega-Lite checks specifications itself and says what it cannot draw.
  const { spec: compiled } = compile(spec as Parameters<typeof compile>[0], { logger: silent })
  const view = new vega.View(vega.parse(compiled), { renderer: 'none', logLevel: vega.Warn })
  const svg = await view.toSVG()
  view.finalize()
  return svg.replace('<svg ', `<svg aria-label="${chart.title.replaceAll('"', '')}" `)
}

const silent: LoggerInterface = {
  warn: () => silent,
  info: () => silent,
  debug: () => silent,
  error: () => silent,
  level: levelOf,
}

function levelOf(): number
function levelOf(level: number): LoggerInterface
function levelOf(level?: number): number | LoggerInterface {
  return level === undefined ? 0 : silent
}

/**
 * Without a canvas Vega assumes 0.8 em a letter and leaves wide gaps. Widths in em, on the wide side of common system
 * fonts, so that no label is cut.
 */
function estimateWidth(item: { fontSize?: number }, text: unknown): number {
  let width = 0
  for (const letter of String(text)) {
    width +=
      letter > '\u2E80'
        ? 1
        : /[A-ZMWmw@%]/.test(letter)
          ? 0.74
          : /[ .,:;!|ijlIrtf'()-]/.test(letter)
            ? 0.38
            : 0.6
  }
  return width * (item.fontSize ?? 11)
}
