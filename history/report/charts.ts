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

/** Draws the dashboard's charts, each as wide as its place in a row of two or three. */
export async function chartsHtml(charts: readonly ChartView[]): Promise<Html[]> {
  const width = charts.length % 3 === 0 ? 330 : charts.length === 1 ? 1080 : 510
  return Promise.all(
    charts.map(
      async (view) =>
        html`<figure class="card chart">
          <figcaption>
            <h3>${view.chart.title}</h3>
            <p>${view.chart.description}</p>
          </figcaption>
          ${await drawing(view, width)}
        </figure>`,
    ),
  )
}

async function drawing(view: ChartView, width: number): Promise<Html> {
  if (view.error !== null) return html`<p class="empty">The query failed: ${view.error}</p>`
  if (view.rows.length === 0) return html`<p class="empty">No rows for this date.</p>`
  return trusted(await chartSvg(view, width))
}

/** One chart as SVG, without a browser. */
export async function chartSvg({ chart, rows }: ChartView, width: number): Promise<string> {
  const [{ compile }, vega] = await Promise.all([import('vega-lite'), import('vega')])
  // Exported, but missing from the package's types.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
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
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
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

/** Without a canvas Vega assumes 0.8 em a letter and leaves wide gaps; system fonts are nearer to 0.54 em. */
function estimateWidth(item: { fontSize?: number }, text: unknown): number {
  return String(text).length * (item.fontSize ?? 11) * 0.54
}
