import { BIGINT, DuckDBIntervalValue, INTERVAL, VARCHAR } from '@duckdb/node-api'
import {
  divideInterval,
  type Interval,
  intervalOfText,
  intervalPart,
  intervalText,
  justifyDays,
  justifyHours,
  justifyInterval,
} from '../../types/interval.ts'
import { native, type NativeFunction, need } from './define.ts'

function duck({ months, days, micros }: Interval): DuckDBIntervalValue {
  return new DuckDBIntervalValue(months, days, micros)
}

export const intervalFunctions: readonly NativeFunction[] = [
  native('bq_interval_text', [INTERVAL], VARCHAR, (x: DuckDBIntervalValue) => intervalText(x)),
  native('bq_text_interval', [VARCHAR], INTERVAL, (text: string) =>
    duck(need(intervalOfText(text), `Invalid INTERVAL value '${text}'`)),
  ),
  native('bq_interval_part', [INTERVAL, VARCHAR], BIGINT, (x: DuckDBIntervalValue, part: string) =>
    need(intervalPart(x, part), `Unsupported date part ${part}`),
  ),
  native('bq_justify_hours', [INTERVAL], INTERVAL, (x: DuckDBIntervalValue) => duck(justifyHours(x))),
  native('bq_justify_days', [INTERVAL], INTERVAL, (x: DuckDBIntervalValue) => duck(justifyDays(x))),
  native('bq_justify_interval', [INTERVAL], INTERVAL, (x: DuckDBIntervalValue) => duck(justifyInterval(x))),
  native('bq_interval_divide', [INTERVAL, BIGINT], INTERVAL, (x: DuckDBIntervalValue, by: bigint) =>
    by === 0n ? need(null, 'division by zero') : duck(divideInterval(x, by)),
  ),
  native('bq_interval_months', [INTERVAL], BIGINT, (x: DuckDBIntervalValue) => BigInt(x.months)),
  native('bq_interval_days', [INTERVAL], BIGINT, (x: DuckDBIntervalValue) => BigInt(x.days)),
  native('bq_interval_time', [INTERVAL], BIGINT, (x: DuckDBIntervalValue) => x.micros),
  // What a TIMESTAMP can be moved by.
  native('bq_interval_micros', [INTERVAL], BIGINT, (x: DuckDBIntervalValue) =>
    x.months === 0
      ? BigInt(x.days) * 86_400_000_000n + x.micros
      : need(null, 'TIMESTAMP +/- INTERVAL is not supported for intervals with non-zero MONTH or YEAR part.'),
  ),
]
