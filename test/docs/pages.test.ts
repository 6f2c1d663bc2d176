import { describe, expect, it } from 'vitest'
import { compileDag } from '../../compiler/index.ts'
import { codes, isDagError } from '../../dsl/errors/index.ts'
import type { CodeEntry } from '../../dsl/errors/code-entry.ts'
import { DagProblems, type DagDefinition } from '../../dsl/index.ts'
import * as dagwright from '../../dsl/index.ts'
import { defineContract } from '../../steps/runtime/contract.ts'

/**
 * Pages of errors show wrong and right code: the wrong code has just the mistake of its page, the right code has none.
 * Snippets are run as the callback of a DAG, with steps and outputs by the names that the pages use.
 */

const { z } = dagwright

const step = (name: string, input: dagwright.StepContract['input'] = z.object({})) =>
  defineContract({
    name: `pages/${name}`,
    image: 'steps',
    input,
    output: z.object({
      name: z.string().max(100),
      note: z.string(),
      mode: z.enum(['full', 'delta']),
      rows: z.int(),
      count: z.int(),
      objects: z.array(z.string()),
      list: z.array(z.string()),
      pages: z.array(z.int()).max(100),
      days: z.array(z.iso.date()).max(100),
    }),
  })

const anything = z.unknown().optional()
const contracts = {
  load: step(
    'load',
    z.object({
      objects: z.array(z.string()).optional(),
      rows: anything,
      path: anything,
      folder: anything,
      name: anything,
      options: anything,
      since: anything,
      ids: anything,
      page: anything,
      token: anything,
      fetched: anything,
    }),
  ),
  loadAll: step('load-all', z.object({ objects: anything })),
  loadRaw: step('load-raw', z.object({ objects: anything })),
  loadUsers: step('load-users'),
  loadSales: step('load-sales'),
  openSession: step('open-session'),
  closeSession: step('close-session'),
  readIds: step('read-ids'),
  loadNew: step('load-new'),
  loadEverything: step('load-everything'),
  makeReport: step('make-report'),
  report: step('report'),
  count: step('count'),
  use: step('use', z.object({ rows: anything })),
  check: step('check', z.object({ all: anything })),
  fetchList: step('fetch-list'),
  fetch: step('fetch', z.object({ day: anything })),
}

const columns = { dt: dagwright.column.date('day') }
const keys = { primaryKey: ['dt'], partitionBy: 'dt', retentionDays: 730 } as const
const rawSales = dagwright.model({
  layer: 'raw',
  dataset: 'shop_raw',
  table: 'sales',
  description: 'A sale',
  columns,
  ...keys,
})
const sales = dagwright.model({
  layer: 'tru',
  dataset: 'shop_tru',
  table: 'sales',
  description: 'A sale',
  columns,
  ...keys,
  sql: (self) => dagwright.sql`INSERT INTO ${self} SELECT dt FROM ${rawSales}`,
})
const mart = dagwright.model({
  layer: 'dmt',
  dataset: 'shop_dmt',
  table: 'sales',
  description: 'Sales of a day',
  columns,
  ...keys,
  sql: (self) => dagwright.sql`INSERT INTO ${self} SELECT dt FROM ${sales}`,
})
const schedule = dagwright.cron('0 6 * * *', 'Etc/UTC')
const options = { description: 'A page' }
const params = z.object({ mode: z.enum(['full', 'delta']).default('full') })

/** Snippets that no callback can hold: files, commands, and what is left out with `…`. */
const isWhole = ({ wrong, fixed, language = 'ts' }: CodeEntry) =>
  language === 'ts' &&
  ![wrong, fixed].some((text) =>
    /…|^\/\/|^import|^export|defineContract|dag compile|await simulate/m.test(text),
  )

const pages = Object.entries(codes as Readonly<Record<string, CodeEntry>>).filter(
  ([code, entry]) => /^DAG[1-3]/.test(code) && isWhole(entry),
)

describe.each(pages)('page of %s', (code, { wrong, fixed }) => {
  it('shows a mistake that has its code', () => {
    expect(codesOf(wrong)).toEqual([code])
  })

  it('shows how it is right', () => {
    expect(codesOf(fixed)).toEqual([])
  })
})

// The right code of DAG212 is a contract.
it('pages whose snippets no callback can hold are few', () => {
  const all = Object.keys(codes).filter((code) => /^DAG[1-3]/.test(code))
  const run = new Set(pages.map(([code]) => code))
  expect(all.filter((code) => !run.has(code))).toEqual(['DAG212'])
})

function codesOf(snippet: string): readonly string[] {
  try {
    return [...new Set(dagsOf(snippet).flatMap(problemsOf))]
  } catch (error) {
    if (isDagError(error)) return [error.code]
    throw error
  }
}

function problemsOf(definition: DagDefinition): readonly string[] {
  try {
    return compileDag(definition, { projectDir: '/' }).warnings.map(({ code }) => code)
  } catch (error) {
    if (error instanceof DagProblems) return error.problems.map(({ code }) => code)
    throw error
  }
}

/** The DAGs that a snippet declares; of one that declares none, the DAG whose callback it is. */
function dagsOf(snippet: string): readonly DagDefinition[] {
  const declared: DagDefinition[] = []
  const dag = ((id: string, given: object, build: never) => {
    const definition = dagwright.dag(id, { ...options, ...given }, build)
    declared.push(definition)
    return definition
  }) as unknown
  const names = {
    ...dagwright,
    ...contracts,
    dag,
    options,
    description: options.description,
    schedule,
    rawSales,
    sales,
    mart,
  }
  if (/\bdag\(/.test(snippet)) {
    const build = ({ empty }: { empty: (id: string) => unknown }) => empty('something')
    run(snippet, { ...names, build })
    return declared
  }
  const page = dagwright.dag('page', { ...options, params }, (context) => {
    context.empty('beside')
    const given = (name: string) =>
      new RegExp(`\\b${name}\\.`).test(snippet) && !new RegExp(`const ${name}\\b|\\(${name}\\)`).test(snippet)
        ? context.task(`the_${name}`, contracts.fetchList, {})
        : undefined
    run(snippet, { ...names, ...context, list: given('list'), plan: given('plan') })
  })
  return [page]
}

function run(snippet: string, names: Readonly<Record<string, unknown>>): void {
  const own = Object.keys(names).filter(
    (name) => !new RegExp(`\\b(const|let) \\{?\\s*${name}\\b`).test(snippet),
  )
  try {
    // oxlint-disable-next-line no-implied-eval -- snippets of our own pages
    new Function(...own, snippet)(...own.map((name) => names[name]))
  } catch (error) {
    if (isDagError(error)) throw error
    throw new Error(`${String(error)}\n${snippet}`, { cause: error })
  }
}
