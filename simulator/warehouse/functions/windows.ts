import { define, type FunctionEntry, table } from './define.ts'

export interface WindowEntry extends FunctionEntry {
  /** Whether IGNORE NULLS may follow. */
  readonly nulls: boolean
  /** Whether a frame may be given. */
  readonly frame: boolean
  readonly order: 'required' | 'optional' | 'refused'
}

const entries = table(
  define('ROW_NUMBER', '-> INT64', () => 'row_number()'),
  define('RANK', '-> INT64', () => 'rank()'),
  define('DENSE_RANK', '-> INT64', () => 'dense_rank()'),
  define('PERCENT_RANK', '-> FLOAT64', () => 'percent_rank()'),
  define('CUME_DIST', '-> FLOAT64', () => 'cume_dist()'),
  define('NTILE', 'INT64 -> INT64', ([n]) => `ntile(${n})`),
  define('LAG', 'T, INT64?, T? -> T', (a) => `lag(${a.join(', ')})`),
  define('LEAD', 'T, INT64?, T? -> T', (a) => `lead(${a.join(', ')})`),
  define('FIRST_VALUE', 'T -> T', ([x]) => `first_value(${x}`),
  define('LAST_VALUE', 'T -> T', ([x]) => `last_value(${x}`),
  define('NTH_VALUE', 'T, =INT64 -> T', ([x, n]) => `nth_value(${x}, ${n}`),
  define('PERCENTILE_CONT', 'FLOAT64, =FLOAT64 -> FLOAT64', ([x, p]) => `quantile_cont(${x}, ${p})`),
  define('PERCENTILE_CONT', 'NUMERIC, =FLOAT64 -> NUMERIC', ([x, p]) => `quantile_cont(${x}, ${p})`),
  define('PERCENTILE_DISC', 'O, =FLOAT64 -> O', ([x, p]) => `quantile_disc(${x}, ${p})`),
)

const ranking = new Set([
  'ROW_NUMBER',
  'RANK',
  'DENSE_RANK',
  'PERCENT_RANK',
  'CUME_DIST',
  'NTILE',
  'LAG',
  'LEAD',
])

export const windowFunctions: ReadonlyMap<string, WindowEntry> = new Map(
  [...entries].map(([name, entry]): [string, WindowEntry] => {
    const percentile = name.startsWith('PERCENTILE')
    const value = name.endsWith('_VALUE')
    const order = percentile ? 'refused' : name === 'ROW_NUMBER' ? 'optional' : 'required'
    return [name, { ...entry, nulls: value || percentile, frame: !ranking.has(name) && !percentile, order }]
  }),
)
