import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openWarehouse } from '../open.ts'
import type { Cell, Warehouse } from '../warehouse.ts'
import { NormalEquations } from './normal-equations.ts'

const dir = mkdtempSync(join(tmpdir(), 'warehouse-ml-'))
let warehouse: Warehouse

beforeAll(async () => {
  warehouse = await openWarehouse({ dir, project: 'p', threads: 1 })
  await run('CREATE SCHEMA d')
})
afterAll(async () => {
  await warehouse.close()
  rmSync(dir, { recursive: true })
})

async function run(sql: string): Promise<readonly (readonly Cell[])[]> {
  const result = await warehouse.query({ sql, project: 'p', parameters: [], now: 1_700_000_000_000 })
  const rows = await result.rows.read(0, 10_000)
  await result.rows.close()
  return rows
}

const numbers = (rows: readonly (readonly Cell[])[]): number[][] => rows.map((row) => row.map(Number))

describe('least squares', () => {
  it('finds weights that an orthogonal factorization finds too', () => {
    const seed = 42
    const random = generator(seed)
    const size = 6
    const rows = Array.from({ length: 80 }, () => [
      1,
      ...Array.from({ length: size - 1 }, () => random() * 4 - 2),
    ])
    const truth = [3, -1, 0.5, 2, 0, 7]
    const y = rows.map((row) => row.reduce((sum, x, i) => sum + x * truth[i]!, 0) + (random() - 0.5))
    const equations = new NormalEquations(size)
    for (const [i, row] of rows.entries())
      equations.add(
        row.map((_, j) => j),
        row,
        y[i]!,
      )
    const expected = leastSquaresByOrthogonalization(rows, y)
    for (const [i, weight] of equations.solve(0, 0).entries())
      expect(weight, `weight ${i}, seed ${seed}`).toBeCloseTo(expected[i]!, 10)
  })

  it('of many solutions takes the smallest, the intercept not counted', () => {
    // y = 10 + (±2): intercept 10, weights +2 and -2 add up to zero.
    const equations = new NormalEquations(3)
    for (const y of [12, 12]) equations.add([0, 1], [1, 1], y)
    for (const y of [8, 8]) equations.add([0, 2], [1, 1], y)
    expect([...equations.solve(0, 0)].map((x) => Math.round(x * 1e9) / 1e9)).toEqual([10, 2, -2])
  })

  it('ridge shrinks as the formula for one centred column says', () => {
    // sum x² = 2, sum xy = 6: weight = 6 / (2 + ridge).
    const equations = new NormalEquations(2)
    equations.add([0, 1], [1, -1], -3 + 5)
    equations.add([0, 1], [1, 1], 3 + 5)
    const [intercept, weight] = equations.solve(1, 0)
    expect(intercept).toBeCloseTo(5, 12)
    expect(weight).toBeCloseTo(2, 12)
  })
})

describe('exact data', () => {
  beforeAll(() =>
    run(`CREATE OR REPLACE MODEL d.exact OPTIONS(model_type = 'linear_reg', input_label_cols = ['y']) AS
      SELECT x, k, 2 * x + IF(k = 'a', 1, 5) AS y FROM UNNEST([1, 2, 3, 4, 5, 6]) AS x, UNNEST(['a', 'b']) AS k`),
  )

  it('ML.WEIGHTS gives back the slope; categories and intercept add up', async () => {
    const rows = await run('SELECT * FROM ML.WEIGHTS(MODEL d.exact) ORDER BY processed_input')
    expect(rows.map((row) => row[0])).toEqual(['__INTERCEPT__', 'k', 'x'])
    expect(Number(rows[2]![1])).toBeCloseTo(2, 10)
    expect(Number(rows[0]![1])).toBeCloseTo(3, 10)
    expect(rows[1]![1]).toBeNull()
    const categories = new Map((rows[1]![2] as string[][]).map(([name, weight]) => [name, Number(weight)]))
    expect(categories.get('a')).toBeCloseTo(-2, 10)
    expect(categories.get('b')).toBeCloseTo(2, 10)
  })

  it('ML.WEIGHTS with standardize is per standard deviation, around the mean', async () => {
    const rows = await run(
      'SELECT weight FROM ML.WEIGHTS(MODEL `p.d.exact`, STRUCT(TRUE AS standardize)) WHERE category_weights IS NULL OR ARRAY_LENGTH(category_weights) = 0 ORDER BY processed_input',
    )
    // Twelve values 1..6 twice: sample variance 35/11. Mean 3.5.
    expect(Number(rows[0]![0])).toBeCloseTo(3 + 2 * 3.5, 10)
    expect(Number(rows[1]![0])).toBeCloseTo(2 * Math.sqrt(35 / 11), 10)
  })

  it('ML.PREDICT puts the prediction before the columns of the data', async () => {
    const result = await warehouse.query({
      sql: "SELECT * FROM ML.PREDICT(MODEL d.exact, (SELECT 'r1' AS id, 10 AS x, 'b' AS k UNION ALL SELECT 'r2', NULL, 'zzz')) ORDER BY id",
      project: 'p',
      parameters: [],
      now: 0,
    })
    expect(result.schema.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'predicted_y FLOAT64',
      'id STRING',
      'x INT64',
      'k STRING',
    ])
    const rows = await result.rows.read(0, 10)
    expect(Number(rows[0]![0])).toBeCloseTo(25, 9)
    // A missing number is the mean (3.5), a category that was never seen weighs nothing.
    expect(Number(rows[1]![0])).toBeCloseTo(3 + 7, 9)
  })

  it('ML.EVALUATE of a perfect fit', async () => {
    const [row] = numbers(await run('SELECT * FROM ML.EVALUATE(MODEL d.exact)'))
    const expected = [0, 0, 0, 0, 1, 1]
    for (const [i, value] of row!.entries()) expect(value).toBeCloseTo(expected[i]!, 10)
  })
})

describe('ML.EVALUATE', () => {
  it('computes each metric as its definition says', async () => {
    await run(
      "CREATE OR REPLACE MODEL d.line OPTIONS(model_type='LINEAR_REG', data_split_method='NO_SPLIT') AS SELECT x, x AS label FROM UNNEST([1, 2, 3]) AS x",
    )
    const [row] = numbers(
      await run(
        'SELECT * FROM ML.EVALUATE(MODEL d.line, (SELECT 1 AS x, 2 AS label UNION ALL SELECT 2, 2 UNION ALL SELECT 3, 6))',
      ),
    )
    const [y, p] = [
      [2, 2, 6],
      [1, 2, 3],
    ]
    const errors = y.map((value, i) => value - p[i]!)
    const mean = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0) / list.length
    const variance = (list: readonly number[]): number => mean(list.map((x) => (x - mean(list)) ** 2))
    expect(row![0]).toBeCloseTo(4 / 3, 10)
    expect(row![1]).toBeCloseTo(10 / 3, 10)
    expect(row![2]).toBeCloseTo(mean(y.map((value, i) => (Math.log1p(value) - Math.log1p(p[i]!)) ** 2)), 10)
    expect(row![3]).toBeCloseTo(1, 10)
    expect(row![4]).toBeCloseTo(1 - 10 / 3 / variance(y), 10)
    expect(row![5]).toBeCloseTo(1 - variance(errors) / variance(y), 10)
  })

  it('uses the rows kept by the split', async () => {
    await run(
      "CREATE OR REPLACE MODEL d.split OPTIONS(model_type='LINEAR_REG', data_split_method='CUSTOM', data_split_col='held') AS SELECT x, x * 2 + IF(x > 3, 1, 0) AS label, x > 3 AS held FROM UNNEST([1, 2, 3, 4, 5]) AS x",
    )
    const [row] = numbers(await run('SELECT * FROM ML.EVALUATE(MODEL d.split)'))
    expect(row![0]).toBeCloseTo(1, 9)
    const [info] = numbers(await run('SELECT loss, eval_loss FROM ML.TRAINING_INFO(MODEL d.split)'))
    expect(info![0]).toBeCloseTo(0, 9)
    expect(info![1]).toBeCloseTo(1, 9)
  })

  it.each([
    ["data_split_method='SEQ', data_split_col='t', data_split_eval_fraction=0.25", 75, 25],
    ["data_split_method='RANDOM', data_split_eval_fraction=0.1", 90, 10],
    ["data_split_method='NO_SPLIT'", 100, 0],
    ["data_split_method='AUTO_SPLIT'", 100, 0],
  ])('split by %s', async (options, training, evaluation) => {
    await run(
      `CREATE OR REPLACE MODEL d.seq OPTIONS(model_type='LINEAR_REG', ${options}) AS SELECT MOD(t * 7, 31) AS x, t${options.includes('SEQ') ? '' : ' AS u'}, MOD(t * 11, 17) AS label FROM UNNEST(GENERATE_ARRAY(1, 100)) AS t`,
    )
    const model = await warehouse.getModel('d', 'seq')
    expect(model?.training).toMatchObject({ trainingRows: training, evaluationRows: evaluation })
  })

  it('splits more than 500 rows by itself, 80 to 20', async () => {
    await run(
      "CREATE OR REPLACE MODEL d.auto OPTIONS(model_type='LINEAR_REG') AS SELECT t AS x, MOD(t * 11, 17) AS label FROM UNNEST(GENERATE_ARRAY(1, 1000)) AS t",
    )
    expect((await warehouse.getModel('d', 'auto'))?.training).toMatchObject({
      trainingRows: 800,
      evaluationRows: 200,
    })
  })
})

describe('features', () => {
  it('noise: weights equal those of an independent method', async () => {
    const rows = Array.from({ length: 60 }, (_, i) => [i % 7, (i * i) % 11, ((i * 37) % 19) / 3])
    const y = rows.map(([a, b, c], i) => 4 * a! - 2 * b! + c! + 10 + Math.sin(i))
    const values = rows.map(([a, b, c], i) => `STRUCT(${a} AS a, ${b} AS b, ${c} AS c, ${y[i]} AS label)`)
    await run(
      `CREATE OR REPLACE MODEL d.noise OPTIONS(model_type='LINEAR_REG', optimize_strategy='NORMAL_EQUATION') AS SELECT * FROM UNNEST([${values.join(', ')}])`,
    )
    const expected = leastSquaresByOrthogonalization(
      rows.map((row) => [1, ...row]),
      y,
    )
    const found = new Map(
      (await run('SELECT processed_input, weight FROM ML.WEIGHTS(MODEL d.noise)')).map(([name, weight]) => [
        name,
        Number(weight),
      ]),
    )
    for (const [i, name] of ['__INTERCEPT__', 'a', 'b', 'c'].entries())
      expect(found.get(name), name).toBeCloseTo(expected[i]!, 9)
  })

  it('collinear columns share the weight and predict all the same', async () => {
    await run(
      "CREATE OR REPLACE MODEL d.collinear OPTIONS(model_type='LINEAR_REG') AS SELECT x, 3 * x AS x3, 7 AS constant, 5 * x + 1 AS label FROM UNNEST([1, 2, 3, 4]) AS x",
    )
    const rows = await run(
      'SELECT predicted_label FROM ML.PREDICT(MODEL d.collinear, (SELECT 10 AS x, 30 AS x3, 7 AS constant))',
    )
    expect(Number(rows[0]![0])).toBeCloseTo(51, 8)
  })

  it('NULL is a category of its own, a NULL number is the mean, a NULL label is left out', async () => {
    await run(
      "CREATE OR REPLACE MODEL d.nulls OPTIONS(model_type='LINEAR_REG') AS SELECT k, label FROM UNNEST([STRUCT('a' AS k, 1 AS label), ('a', 1), (NULL, 4), (NULL, 4), ('a', NULL)])",
    )
    const rows = await run(
      'SELECT k, predicted_label FROM ML.PREDICT(MODEL d.nulls, (SELECT k FROM UNNEST(["a", NULL]) AS k)) ORDER BY k',
    )
    expect(rows[0]![0]).toBeNull()
    expect(Number(rows[0]![1])).toBeCloseTo(4, 10)
    expect(Number(rows[1]![1])).toBeCloseTo(1, 10)
    const info = await run('SELECT input, category_count, null_count FROM ML.FEATURE_INFO(MODEL d.nulls)')
    expect(info).toEqual([['k', '1', '2']])
  })

  it('booleans, dates, arrays, structs and timestamps become the terms that the documentation names', async () => {
    await run(
      "CREATE OR REPLACE MODEL d.types OPTIONS(model_type='LINEAR_REG') AS SELECT b, DATE '2024-01-01' AS d, tags, STRUCT(n AS n, 'z' AS s) AS st, TIMESTAMP_SECONDS(n * 86400) AS ts, IF('x' IN UNNEST(tags), 10, 0) + n AS label FROM UNNEST([STRUCT(TRUE AS b, ['x', 'y'] AS tags, 1 AS n), (FALSE, ['y'], 2), (TRUE, ['x'], 3), (FALSE, [], 4), (TRUE, ['x', 'z'], 5)])",
    )
    const rows = await run('SELECT processed_input FROM ML.WEIGHTS(MODEL d.types)')
    expect(rows.map(([name]) => name)).toEqual(
      'b d tags st_n st_s ts _TS_DOM_ts _TS_DOW_ts _TS_MOY_ts _TS_HOD_ts _TS_MOH_ts _TS_WOY_ts _TS_YEAR_ts __INTERCEPT__'.split(
        ' ',
      ),
    )
    const [row] = await run(
      "SELECT predicted_label FROM ML.PREDICT(MODEL d.types, (SELECT TRUE AS b, DATE '2024-01-01' AS d, ['x', 'y'] AS tags, STRUCT(1 AS n, 'z' AS s) AS st, TIMESTAMP_SECONDS(86400) AS ts))",
    )
    expect(Number(row![0])).toBeCloseTo(11, 8)
  })

  it('dummy encoding keeps the most frequent category at zero', async () => {
    await run(
      "CREATE OR REPLACE MODEL d.dummy OPTIONS(model_type='LINEAR_REG', category_encoding_method='DUMMY_ENCODING') AS SELECT k, v AS label FROM UNNEST([STRUCT('a' AS k, 1 AS v), ('a', 1), ('b', 5)])",
    )
    const rows = await run('SELECT processed_input, weight, category_weights FROM ML.WEIGHTS(MODEL d.dummy)')
    const [a, b] = rows[0]![2] as string[][]
    expect(a).toEqual(['a', '0.0'])
    expect(b![0]).toBe('b')
    expect(Number(b![1])).toBeCloseTo(4, 10)
    expect(Number(rows[1]![1])).toBeCloseTo(1, 10)
  })

  it('without an intercept the line goes through the origin', async () => {
    await run(
      "CREATE OR REPLACE MODEL d.origin OPTIONS(model_type='LINEAR_REG', fit_intercept=FALSE) AS SELECT x, y AS label FROM UNNEST([STRUCT(1 AS x, 2 AS y), (2, 3), (3, 7)])",
    )
    const rows = await run('SELECT processed_input, weight FROM ML.WEIGHTS(MODEL d.origin)')
    // sum xy / sum x² = (2 + 6 + 21) / 14
    expect(Number(rows[0]![1])).toBeCloseTo(29 / 14, 10)
    expect(Number(rows[1]![1])).toBeCloseTo(0, 10)
  })

  it('TRANSFORM is applied in training and in prediction', async () => {
    await run(
      "CREATE OR REPLACE MODEL d.squared TRANSFORM(x * x AS x2, UPPER(k) AS k, label) OPTIONS(model_type='LINEAR_REG') AS SELECT x, k, 3 * x * x + 1 AS label FROM UNNEST([1, 2, 3, 4]) AS x, UNNEST(['a', 'A']) AS k",
    )
    const rows = await run(
      "SELECT * FROM ML.PREDICT(MODEL d.squared, (SELECT 10 AS x, 'a' AS k, 0 AS label))",
    )
    expect(Number(rows[0]![0])).toBeCloseTo(301, 8)
    expect(rows[0]!.slice(1)).toEqual(['10', 'a', '0'])
  })
})

describe('models as objects', () => {
  it('survive a restart and go with their dataset', async () => {
    const other = mkdtempSync(join(tmpdir(), 'warehouse-ml-'))
    const first = await openWarehouse({ dir: other, project: 'p', threads: 1 })
    const send = async (target: Warehouse, sql: string) =>
      (await target.query({ sql, project: 'p', parameters: [], now: 0 })).rows.read(0, 10)
    await send(first, 'CREATE SCHEMA d')
    await send(
      first,
      "CREATE MODEL d.m OPTIONS(model_type='LINEAR_REG') AS SELECT x, 2 * x AS label FROM UNNEST([1, 2, 3]) AS x",
    )
    await first.close()
    const second = await openWarehouse({ dir: other, project: 'p', threads: 1 })
    const rows = await send(second, 'SELECT predicted_label FROM ML.PREDICT(MODEL d.m, (SELECT 4 AS x))')
    expect(Number(rows[0]![0])).toBeCloseTo(8, 9)
    await expect(send(second, 'DROP SCHEMA d')).rejects.toThrow(/still in use/)
    await send(second, 'DROP SCHEMA d CASCADE')
    expect(await second.getModel('d', 'm')).toBeNull()
    await second.close()
    rmSync(other, { recursive: true })
  })

  it('can be replaced, skipped, altered and dropped', async () => {
    const create = (head: string) =>
      run(`${head} d.m OPTIONS(model_type='LINEAR_REG') AS SELECT x, x AS label FROM UNNEST([1, 2]) AS x`)
    await create('CREATE MODEL')
    await expect(create('CREATE MODEL')).rejects.toThrow('Already Exists: Model p:d.m')
    await create('CREATE MODEL IF NOT EXISTS')
    await create('CREATE OR REPLACE MODEL')
    await run("ALTER MODEL d.m SET OPTIONS(description = 'a line', labels = [('k', 'v')])")
    expect(await warehouse.getModel('d', 'm')).toMatchObject({ description: 'a line', labels: { k: 'v' } })
    await run('DROP MODEL d.m')
    await expect(run('DROP MODEL d.m')).rejects.toThrow('Not found: Model p:d.m')
    await run('DROP MODEL IF EXISTS d.m')
  })

  it.each([
    [
      "CREATE MODEL d.n OPTIONS(model_type='KMEANS') AS SELECT 1 AS x",
      'Unsupported in the local warehouse: model type KMEANS at 1:37',
    ],
    [
      "CREATE MODEL d.n OPTIONS(model_type='LINEAR_REG', l1_reg=0.1) AS SELECT 1 AS x, 2 AS label",
      'Unsupported in the local warehouse: l1_reg',
    ],
    [
      "CREATE MODEL d.n OPTIONS(model_type='LINEAR_REG') AS SELECT 1 AS x",
      'Unable to identify the label column',
    ],
    ["CREATE MODEL d.n OPTIONS(model_type='LINEAR_REG') AS SELECT 1 AS x, 'a' AS label", 'must be numeric'],
    [
      "CREATE MODEL d.n OPTIONS(model_type='LINEAR_REG') AS SELECT x, x AS label FROM UNNEST([1]) AS x WHERE FALSE",
      'no rows with a label',
    ],
    ['CREATE MODEL d.n AS SELECT 1 AS x', 'Model type must be specified'],
    ['SELECT * FROM ML.PREDICT(MODEL d.nope, (SELECT 1 AS x))', 'Not found: Model p:d.nope'],
    ['SELECT * FROM ML.PREDICT(MODEL d.exact, (SELECT 1 AS z))', 'Missing column x'],
    [
      "SELECT * FROM ML.PREDICT(MODEL d.exact, (SELECT 'a' AS x, 'b' AS k))",
      'has type STRING; the model was trained with INT64',
    ],
    [
      'SELECT * FROM ML.FORECAST(MODEL d.exact)',
      'Unsupported in the local warehouse: function ML.FORECAST at 1:15',
    ],
  ])('%s', async (sql, message) => {
    await expect(run(sql)).rejects.toThrow(message)
    expect(await warehouse.getModel('d', 'n')).toBeNull()
  })
})

/** Gram-Schmidt, twice for accuracy: another way to the same weights than the normal equations. */
function leastSquaresByOrthogonalization(
  rows: readonly (readonly number[])[],
  y: readonly number[],
): number[] {
  const n = rows[0]!.length
  const q = Array.from({ length: n }, (_, j) => rows.map((row) => row[j]!))
  const r = Array.from({ length: n }, () => Array.from({ length: n }, () => 0))
  const dot = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((sum, x, i) => sum + x * b[i]!, 0)
  for (let j = 0; j < n; j++) {
    for (let pass = 0; pass < 2; pass++)
      for (let k = 0; k < j; k++) {
        const share = dot(q[k]!, q[j]!)
        r[k]![j]! += share
        q[j] = q[j]!.map((x, i) => x - share * q[k]![i]!)
      }
    r[j]![j] = Math.sqrt(dot(q[j]!, q[j]!))
    q[j] = q[j]!.map((x) => x / r[j]![j]!)
  }
  const right = q.map((column) => dot(column, y))
  const out = Array.from({ length: n }, () => 0)
  for (let j = n - 1; j >= 0; j--) {
    let sum = right[j]!
    for (let k = j + 1; k < n; k++) sum -= r[j]![k]! * out[k]!
    out[j] = sum / r[j]![j]!
  }
  return out
}

function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648
  }
}
