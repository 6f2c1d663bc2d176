import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { rulesPage } from './testing/rules-page.ts'

/** `UPDATE_GOLDEN=1` writes the page anew; a CI cannot be told to. */
const update = process.env['UPDATE_GOLDEN'] === '1'
if (update && process.env['CI']) throw new Error('UPDATE_GOLDEN is refused where CI is set')

const path = join(import.meta.dirname, '../../docs/trigger-rules.md')

it('docs/trigger-rules.md says what the table of rules says', () => {
  const page = rulesPage()
  if (update) writeFileSync(path, page)
  expect(readFileSync(path, 'utf8')).toBe(page)
})

/** airflow.apache.org, the table for two tasks above, typed by hand: S F U K in every pair. */
const byHand: readonly (readonly [string, string])[] = [
  ['all_success', 'run uf uf skip uf uf uf uf uf skip'],
  ['all_failed', 'skip skip skip skip run run skip run skip skip'],
  ['all_done', 'run run run run run run run run run run'],
  ['all_done_min_one_success', 'run run run skip uf uf skip uf skip skip'],
  ['all_skipped', 'skip skip skip skip skip skip skip skip skip run'],
  ['one_success', 'run run run run uf uf uf uf uf skip'],
  ['one_failed', 'skip run run skip run run run run run skip'],
  ['one_done', 'run run run run run run run skip skip skip'],
  ['none_failed', 'run uf uf run uf uf uf uf uf run'],
  ['none_failed_min_one_success', 'run uf uf run uf uf uf uf uf skip'],
  ['none_skipped', 'run run run skip run run skip run skip skip'],
  ['always', 'run run run run run run run run run run'],
]

it.each(byHand)('the page shows for two tasks above %s as Airflow decides', (rule, decisions) => {
  const line = rulesPage()
    .split('\n')
    .filter((each) => each.startsWith(`| \`${rule}\``))[1]
  expect(
    line
      ?.split('|')
      .slice(2, -1)
      .map((cell) => cell.trim()),
  ).toEqual(decisions.split(' '))
})
