import { castValue } from '../analyze/cast.ts'
import { typed } from '../analyze/typed.ts'
import { STRING, TIMESTAMP } from '../types/type.ts'
import { checkZone } from '../analyze/zones.ts'
import { sketchSize } from './sketches.ts'
import { define, type FunctionEntry } from './define.ts'

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/conversion_functions */
export const conversionFunctions: FunctionEntry[] = [
  define('PARSE_NUMERIC', 'STRING -> NUMERIC', ([x]) => `bq_text_numeric(bq_number_text(${x}))`),
  define('PARSE_BIGNUMERIC', 'STRING -> BIGNUMERIC', ([x]) => `bq_bignumeric(bq_number_text(${x}))`),
  define('HLL_COUNT.EXTRACT', 'BYTES -> INT64', ([x]) => sketchSize(x!)),
  // Nobody signs in to the local warehouse.
  define('SESSION_USER', '-> STRING', () => `'local@localhost'`),
  define(
    'STRING',
    'TIMESTAMP, STRING -> STRING',
    ([x, z], c) => `bq_zoned_text(epoch_us(${x}), ${checkZone(z!, c.at)})`,
  ),
  define('STRING', 'TIME -> STRING', ([x]) => `bq_time_text(epoch_us(${x}))`),
  define('SAFE_CONVERT_BYTES_TO_STRING', 'BYTES -> STRING', ([x]) => `bq_utf8_replace(${x})`),
  define(
    'STRING',
    'TIMESTAMP -> STRING',
    ([x], c) => castValue(typed(x!, TIMESTAMP), STRING, false, c.at).sql,
  ),
  define('STRING', 'DATE -> STRING', ([x]) => `CAST(${x} AS VARCHAR)`),
  define('STRING', 'DATETIME -> STRING', ([x]) => `bq_datetime_text(epoch_us(${x}))`),
].flat()
