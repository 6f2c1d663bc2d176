import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openWarehouse } from './open.ts'
import type { Cell, Warehouse } from './warehouse.ts'

/** What SQL answers against the same computed another way, over seeded random values. */
const SEED = Number(process.env['SQL_SEED'] ?? 20_260_115)
const ROWS = Number(process.env['SQL_ROWS'] ?? 300)

const dir = mkdtempSync(join(tmpdir(), 'warehouse-properties-'))
let warehouse: Warehouse

beforeAll(async () => {
  warehouse = await openWarehouse({ dir, project: 'p', threads: 1 })
})
afterAll(async () => {
  await warehouse.close()
  rmSync(dir, { recursive: true })
})

async function rows(sql: string): Promise<readonly (readonly Cell[])[]> {
  const result = await warehouse.query({ sql, project: 'p', parameters: [], now: 0 })
  return result.rows.read(0, ROWS)
}

function generator(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

describe(`decimals, seed ${SEED}`, () => {
  /** A decimal as digits and the place of its point. */
  interface Decimal {
    readonly digits: bigint
    readonly scale: number
  }

  const text = ({ digits, scale }: Decimal): string => {
    const size = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0')
    const cut = size.length - scale
    const fraction = size.slice(cut).replace(/0+$/, '')
    return `${digits < 0n ? '-' : ''}${size.slice(0, cut)}${fraction === '' ? '' : `.${fraction}`}`
  }

  /** top / bottom to `scale` digits by long division, a half away from zero. */
  const quotient = (top: bigint, bottom: bigint, scale: number): string => {
    const negative = top < 0n !== bottom < 0n
    let rest = top < 0n ? -top : top
    const by = bottom < 0n ? -bottom : bottom
    let digits = rest / by
    rest %= by
    for (let i = 0; i < scale; i++) {
      rest *= 10n
      digits = digits * 10n + rest / by
      rest %= by
    }
    if (rest + rest >= by) digits += 1n
    return text({ digits: negative ? -digits : digits, scale })
  }

  const pow = (n: number): bigint => 10n ** BigInt(n)

  it.each([
    ['NUMERIC', 9, 8],
    ['BIGNUMERIC', 38, 14],
  ] as const)('%s: + - * / DIV MOD ROUND and order', async (type, scale, whole) => {
    const random = generator(SEED)
    const decimal = (): Decimal => {
      const size = random(Math.min(scale, 12) + 1)
      let digits = 0n
      for (let i = random(whole) + size + 1; i > 0; i--) digits = digits * 10n + BigInt(random(10))
      return { digits: random(2) === 0 ? digits : -digits, scale: size }
    }
    const pairs = Array.from({ length: ROWS }, () => {
      const [a, b] = [decimal(), decimal()]
      return { a, b: b.digits === 0n ? { digits: 7n, scale: b.scale } : b, places: random(6) - 2 }
    })
    const values = pairs.map(({ a, b, places }, i) => `(${i}, '${text(a)}', '${text(b)}', ${places})`)
    const answers = await rows(
      `WITH t AS (SELECT i, CAST(a AS ${type}) AS a, CAST(b AS ${type}) AS b, n FROM UNNEST(ARRAY<STRUCT<i INT64, a STRING, b STRING, n INT64>>[${values.join(', ')}]))
       SELECT a + b, a - b, a * b, a / b, DIV(a, b), MOD(a, b), ROUND(a, n), a < b FROM t ORDER BY i`,
    )
    for (const [i, { a, b, places }] of pairs.entries()) {
      const [x, y] = [a.digits * pow(b.scale), b.digits * pow(a.scale)]
      const common = pow(a.scale + b.scale)
      const cut = (x < 0n ? -x : x) / (y < 0n ? -y : y)
      const whole = x < 0n !== y < 0n ? -cut : cut
      const unit = places >= 0 ? common : common * pow(-places)
      const rounded =
        places >= 0
          ? quotient(x, unit, places)
          : text({ digits: BigInt(quotient(x, unit, 0)) * pow(-places), scale: 0 })
      expect(answers[i], `row ${i}: ${text(a)} and ${text(b)} to ${places}`).toEqual([
        quotient(x + y, common, scale),
        quotient(x - y, common, scale),
        quotient(a.digits * b.digits, common, scale),
        quotient(x, y, scale),
        whole.toString(),
        quotient(x - whole * y, common, scale),
        rounded === '-0' ? '0' : rounded,
        String(x < y),
      ])
    }
  })
})

describe(`dates, seed ${SEED}`, () => {
  const DAY = 86_400_000
  const dateOf = (days: number): string => new Date(days * DAY).toISOString().slice(0, 10)
  const part = (days: number): [number, number, number] => {
    const date = new Date(days * DAY)
    return [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()]
  }
  /** Months on, and the last day of the month where that day is missing. */
  const addMonths = (days: number, months: number): number => {
    const [year, month, day] = part(days)
    const first = Date.UTC(year, month + months, 1) / DAY
    const next = Date.UTC(year, month + months + 1, 1) / DAY
    return Math.min(first + day - 1, next - 1)
  }
  /** Days back to the last `weekday` (0 is Sunday). */
  const weekStart = (days: number, weekday: number): number => {
    let day = days
    while (new Date(day * DAY).getUTCDay() !== weekday) day--
    return day
  }
  /** Weeks from the first `weekday` of the year, counted one by one. */
  const weekOfYear = (days: number, weekday: number): number => {
    const [year] = part(days)
    let weeks = 0
    for (let day = Date.UTC(year, 0, 1) / DAY; day <= days; day++)
      if (new Date(day * DAY).getUTCDay() === weekday) weeks++
    return weeks
  }
  /** The year of the week's Thursday, and its number in it. */
  const isoWeek = (days: number): [number, number] => {
    const thursday = weekStart(days, 1) + 3
    const [year] = part(thursday)
    return [year, Math.floor((thursday - Date.UTC(year, 0, 1) / DAY) / 7) + 1]
  }

  it('adding, differences, truncation and parts', async () => {
    const random = generator(SEED + 1)
    const cases = Array.from({ length: ROWS }, () => ({
      a: random(60_000) - 20_000,
      b: random(60_000) - 20_000,
      n: random(200) - 100,
    }))
    const values = cases.map(({ a, b, n }, i) => `(${i}, '${dateOf(a)}', '${dateOf(b)}', ${n})`)
    const answers = await rows(
      `SELECT DATE_ADD(a, INTERVAL n MONTH), DATE_SUB(a, INTERVAL n WEEK), DATE_ADD(a, INTERVAL n YEAR),
         DATE_DIFF(a, b, DAY), DATE_DIFF(a, b, MONTH), DATE_DIFF(a, b, QUARTER), DATE_DIFF(a, b, WEEK), DATE_DIFF(a, b, WEEK(THURSDAY)),
         DATE_DIFF(a, b, ISOYEAR), DATE_TRUNC(a, WEEK(FRIDAY)), DATE_TRUNC(a, ISOYEAR), LAST_DAY(a, WEEK), LAST_DAY(a),
         EXTRACT(WEEK FROM a), EXTRACT(WEEK(TUESDAY) FROM a), EXTRACT(ISOWEEK FROM a), EXTRACT(ISOYEAR FROM a),
         FORMAT_DATE('%Y%m%d %G%V %U', a), PARSE_DATE('%d/%m/%Y', FORMAT_DATE('%d/%m/%Y', a)) = a
       FROM UNNEST(ARRAY<STRUCT<i INT64, a DATE, b DATE, n INT64>>[${values.join(', ')}]) ORDER BY i`,
    )
    for (const [i, { a, b, n }] of cases.entries()) {
      const [year, month] = part(a)
      const [otherYear, otherMonth] = part(b)
      const weeks = (weekday: number): number => (weekStart(a, weekday) - weekStart(b, weekday)) / 7
      const [isoYear, iso] = isoWeek(a)
      const two = (value: number): string => String(value).padStart(2, '0')
      const compact = dateOf(a).replaceAll('-', '')
      expect(answers[i], `row ${i}: ${dateOf(a)}, ${dateOf(b)}, ${n}`).toEqual(
        [
          dateOf(addMonths(a, n)),
          dateOf(a - 7 * n),
          dateOf(addMonths(a, 12 * n)),
          a - b,
          (year - otherYear) * 12 + month - otherMonth,
          (year - otherYear) * 4 + Math.floor(month / 3) - Math.floor(otherMonth / 3),
          weeks(0),
          weeks(4),
          isoYear - isoWeek(b)[0],
          dateOf(weekStart(a, 5)),
          dateOf(weekStart(Date.UTC(isoYear, 0, 4) / DAY, 1)),
          dateOf(weekStart(a, 0) + 6),
          dateOf(Date.UTC(year, month + 1, 1) / DAY - 1),
          weekOfYear(a, 0),
          weekOfYear(a, 2),
          iso,
          isoYear,
          `${compact} ${isoYear}${two(iso)} ${two(weekOfYear(a, 0))}`,
          true,
        ].map(String),
      )
    }
  })
})

describe(`queries, seed ${SEED}`, () => {
  it('pipes, ROLLUP and set operations agree with the plain queries that they stand for', async () => {
    const random = generator(SEED + 2)
    const values = Array.from({ length: 60 }, () => `(${random(4)}, ${random(3)}, ${random(100)})`)
    const table = `(SELECT * FROM UNNEST(ARRAY<STRUCT<a INT64, b INT64, v INT64>>[${values.join(', ')}]))`
    const pairs: readonly (readonly [string, string])[] = [
      [
        `FROM ${table} AS t |> WHERE v > 20 |> AGGREGATE SUM(v) AS s, COUNT(*) AS n GROUP BY a`,
        `SELECT a, SUM(v) AS s, COUNT(*) AS n FROM ${table} WHERE v > 20 GROUP BY a`,
      ],
      [
        `FROM ${table} AS t |> EXTEND v * 2 AS w |> WHERE w > 50 |> SET b = b + 1 |> DROP v |> SELECT a, b, w`,
        `SELECT a, b + 1, v * 2 FROM ${table} WHERE v * 2 > 50`,
      ],
      [
        `SELECT a, b, SUM(v) FROM ${table} GROUP BY ROLLUP(a, b)`,
        `SELECT a, b, SUM(v) FROM ${table} GROUP BY a, b UNION ALL SELECT a, NULL, SUM(v) FROM ${table} GROUP BY a UNION ALL SELECT NULL, NULL, SUM(v) FROM ${table}`,
      ],
      [
        `SELECT a, v FROM ${table} UNION ALL BY NAME SELECT b AS v, a FROM ${table}`,
        `SELECT a, v FROM ${table} UNION ALL SELECT a, b FROM ${table}`,
      ],
      [
        `SELECT a, SUM(DISTINCT v) FROM ${table} GROUP BY a`,
        `SELECT a, SUM(v) FROM (SELECT DISTINCT a, v FROM ${table}) GROUP BY a`,
      ],
    ]
    for (const [one, other] of pairs) {
      const sorted = async (sql: string): Promise<string[]> =>
        (await rows(sql)).map((row) => row.join()).toSorted()
      expect(await sorted(one), one).toEqual(await sorted(other))
    }
  })
})
