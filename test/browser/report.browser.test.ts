import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { root, simulate, temporaryFolder } from '../e2e/cli.ts'

const candidates = [
  process.env['CHROME_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]
const executablePath = candidates.find((path) => path !== undefined && existsSync(path))
if (executablePath === undefined) console.log('no Chromium on this machine: the browser tests are skipped')

/** `UPDATE_IMAGES=1` takes the README's picture again. */
const picture = process.env['UPDATE_IMAGES'] === '1' ? join(root, 'docs/images/report.png') : null

describe.skipIf(executablePath === undefined)('the report of a run, in a browser', () => {
  const folder = temporaryFolder()
  const requests: string[] = []
  const complaints: string[] = []
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    const { report } = await simulate(['anilist', '--state', folder.path])
    browser = await chromium.launch({
      executablePath: executablePath ?? '',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
      ],
    })
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
    page.on('request', (request) => requests.push(request.url()))
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.message))
    await page.goto(pathToFileURL(report).href)
  })

  afterAll(async () => {
    await browser?.close()
    folder.remove()
  })

  test('loads nothing but itself, without a complaint', () => {
    expect(requests.filter((url) => !url.startsWith('file:') && !url.startsWith('data:'))).toEqual([])
    expect(complaints).toEqual([])
  })

  test('says which run it is and how it ended', async () => {
    const text = await page.innerText('body')
    expect(text).toContain('anilist')
    expect(text).toMatch(/manual__\d{4}-\d{2}-\d{2}t/)
    expect(text).toMatch(/success/i)
  })

  test('shows every task in the graph, the gantt and the table', async () => {
    const tasks = [
      'fetch_user',
      'fetch_media_list',
      'load_raw',
      'tru_entry',
      'ref_entry_day',
      'dmt_genre',
      'dmt_mean_score',
    ]
    for (const task of tasks) {
      const places = page.getByText(task, { exact: true })
      expect(await places.count(), task).toBeGreaterThanOrEqual(3)
      await expect.poll(() => places.first().isVisible()).toBe(true)
    }
  })

  test('shows the tables with their rows, and the three charts with bars', async () => {
    const text = await page.innerText('body')
    expect(text).toContain('anilist_dmt.genre')
    for (const title of ['Most watched genres', 'Most popular anime on the list', 'Mean score by decade']) {
      expect(text).toContain(title)
    }
    expect(await page.locator('svg').count()).toBeGreaterThanOrEqual(5)
  })

  test.each([1280, 800])('fits %i pixels without scrolling sideways', async (width) => {
    await page.setViewportSize({ width, height: 900 })
    const overflow = await page.evaluate(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    )
    expect(overflow).toBe(0)
  })

  test.runIf(picture !== null)('takes the picture of the README', async () => {
    await page.setViewportSize({ width: 1280, height: 900 })
    // The graph, the timeline and the charts; the tables below them would make it too long for a README.
    const clip = { x: 0, y: 0, width: 1280, height: 1740 }
    await page.screenshot({ path: picture ?? '', fullPage: true, clip })
  })
})
