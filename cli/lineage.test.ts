import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Lineage } from '../artifact/lineage.ts'
import { UserError } from '../deploy/user-error.ts'
import { lineageTarget } from './lineage-target.ts'
import { testProject, type TestProject } from './testing/project.ts'

const dagFile = `import { column, dag, model, sql, write, z } from 'dagwright'
import { defineContract } from 'dagwright/steps'
const { date, int64, json, required, string } = column

const load = defineContract({
  name: 'shop/load-raw',
  image: 'steps',
  input: z.object({}),
  output: z.object({}),
  objects: ['shop/sales/dt=<date>/'],
})
const base = { primaryKey: ['id'], partitionBy: 'day', retentionDays: 730 } as const
const day = date('reference date')
const raw = model({
  ...base, layer: 'raw', dataset: 'shop_raw', table: 'sale', description: 'As received',
  columns: { id: int64('id'), payload: json('body'), day }, retentionDays: null,
})
const sale = model({
  ...base, layer: 'tru', dataset: 'shop_tru', table: 'sale', description: 'Sales',
  columns: { id: required(int64('id')), title: string('of the film'), day },
  write: write.merge(),
  sql: sql\`SELECT id, JSON_VALUE(payload, '$.title') AS title FROM \${raw} WHERE id > 0\`,
})
const title = model({
  ...base, layer: 'dmt', dataset: 'shop_dmt', table: 'title', description: 'Titles',
  columns: { id: required(int64('id')), title: string('of the film'), sold: int64('copies'), day },
  write: write.snapshot(),
  sql: sql\`SELECT MIN(id) AS id, title, COUNT(*) AS sold FROM \${sale} GROUP BY title\`,
})
export default dag('shop', { description: 'Shop' }, ({ task, build }) => {
  task('load_raw', load, {}, { writes: [raw] })
  build(sale)
  build(title)
})
`
const dashboard = `export default { charts: [{ id: 'titles', title: 'Titles', description: 'Titles sold',
  sql: 'SELECT title, sold FROM shop_dmt.title', spec: {}, terminal: { label: 'title', value: 'sold' } }] }
`

let project: TestProject
beforeAll(() => {
  project = testProject({ 'dags/shop/dag.ts': dagFile, 'dags/shop/dashboard.ts': dashboard })
})
afterAll(() => project.remove())

describe('dag lineage', () => {
  it('shows a table both ways', async () => {
    const { code, out } = await project.dag('lineage', 'shop_tru.sale')
    expect(out.trimEnd().split('\n')).toEqual([
      'shop_tru.sale  tru, task tru_sale, merge',
      'comes from',
      '└─ shop_raw.sale  raw, task load_raw',
      '   └─ step shop/load-raw  task load_raw',
      '      └─ objects shop/sales/dt=<date>/  in the bucket',
      'goes to',
      '└─ shop_dmt.title  dmt, task dmt_title, snapshot',
      '   └─ chart shop.titles  Titles',
    ])
    expect(code).toBe(0)
  })

  it('shows a column, the counted rows of a count, and what decides rows if asked', async () => {
    const { out } = await project.dag('lineage', 'title.sold', '--up', '--depth', '2')
    expect(out.trimEnd().split('\n')).toEqual([
      'shop_dmt.title.sold  task dmt_title',
      'comes from',
      '└─ shop_tru.sale.*  tru, task tru_sale, merge',
      '   └─ shop_raw.sale.*  raw, task load_raw …',
    ])
    const deciding = await project.dag('lineage', 'title.sold', '--up', '--depth', '1', '--rows')
    expect(deciding.out).toContain('─ shop_tru.sale.title  task tru_sale')
  })

  it('says what a write mode fills', async () => {
    const { out } = await project.dag('lineage', 'shop_tru.sale.row_hash')
    expect(out).toContain('shop_tru.sale.row_hash  written by merge\ncomes from\n└─ nothing')
  })

  it('prints Mermaid and JSON', async () => {
    const mermaid = await project.dag('lineage', 'shop_dmt.title.title', '--mermaid')
    expect(mermaid.out.trimEnd().split('\n')).toEqual([
      'flowchart LR',
      '  n0["shop_dmt.title.title"]',
      '  n1["shop_tru.sale.title"]',
      '  n2["shop_raw.sale.payload"]',
      '  n3[["step shop/load-raw"]]',
      '  n4[/"objects shop/sales/dt=#lt;date#gt;/"/]',
      '  n5(["chart shop.titles"])',
      '  n1 --> n0',
      '  n2 --> n1',
      '  n3 --> n2',
      '  n4 --> n3',
      '  n0 --> n5',
    ])
    const json = await project.dag('lineage', 'shop_dmt.title.title', '--json', '--up', '--depth', '1')
    expect(JSON.parse(json.out)).toEqual({
      of: 'shop_dmt.title.title',
      nodes: [
        { id: 'shop_dmt.title.title', kind: 'column', note: 'task dmt_title' },
        { id: 'shop_tru.sale.title', kind: 'column', note: 'task tru_sale' },
      ],
      edges: [{ from: 'shop_tru.sale.title', to: 'shop_dmt.title.title' }],
    })
  })

  it.each([
    [['title.sol'], 'DAG605 shop_dmt.title has no column "sol"', 'did you mean "sold"?'],
    [['title', '--rows'], 'DAG602', 'drop --rows, or name a column'],
    [['title', '--json', '--mermaid'], 'DAG602', 'drop one'],
  ])('refuses %j', async (args, message, hint) => {
    const { code, note } = await project.dag('lineage', ...args)
    expect(code).toBe(1)
    expect(note).toContain(message)
    expect(note).toContain(hint)
  })

  it('names a column that a chart lacks', async () => {
    project.file('dags/other/dag.ts', dagFile.replace("dag('shop'", "dag('other'"))
    project.file(
      'dags/other/dashboard.ts',
      dashboard.replace('SELECT title, sold', 'SELECT title, sould AS sold'),
    )
    const { code, note } = await project.dag('compile', 'other')
    expect(code).toBe(1)
    expect(note).toContain('DAG507 chart titles reads column "sould", which is not there')
    expect(note).toContain('did you mean "sold"?')
  })
})

const tables = ['shop_raw.sale', 'shop_tru.sale', 'shop_dmt.title'].map((table) => ({
  table,
  layer: 'tru' as const,
  task: null,
  write: null,
  reads: [],
  rows: [],
  columns: ['id', 'sold'].map((name) => ({ name, from: [] })),
}))
const all: readonly Lineage[] = [{ version: 1, dag: 'shop', tables, charts: [] }]

describe('what a text names', () => {
  it.each([
    ['shop_tru.sale', 'shop_tru.sale', null],
    ['SHOP_TRU.Sale.ID', 'shop_tru.sale', 'id'],
    ['title', 'shop_dmt.title', null],
    ['title.Sold', 'shop_dmt.title', 'sold'],
    ['title.*', 'shop_dmt.title', '*'],
  ])('%s', (text, table, column) => {
    expect(lineageTarget(all, text)).toEqual({ table, column })
  })

  it.each([
    ['sale', '"sale" is a table of several datasets', 'say which: shop_raw.sale, shop_tru.sale'],
    ['shop_dmt.titel', 'there is no table "shop_dmt.titel"', 'did you mean "shop_dmt.title"?'],
    ['dmt.title', 'there is no table "dmt.title"', 'did you mean "shop_dmt.title"?'],
    ['shop_dmt.title.solt', 'shop_dmt.title has no column "solt"', 'did you mean "sold"?'],
    ['shop_dmt.title.a.b', 'there is no table', 'shop_dmt.title has columns only'],
    ['orders', 'there is no table "orders"', 'tables are: shop_raw.sale, shop_tru.sale, shop_dmt.title'],
  ])('%s is refused', (text, message, hint) => {
    const refused = () => lineageTarget(all, text)
    expect(refused).toThrow(UserError)
    expect(refused).toThrow(message)
    try {
      refused()
    } catch (error) {
      expect((error as UserError).hint).toBe(hint)
    }
  })
})
