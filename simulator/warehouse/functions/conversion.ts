import { castValue } from '../analyze/cast.ts'
import { typed } from '../analyze/typed.ts'
import { STRING, TIMESTAMP } from '../types/type.ts'
import { define, type FunctionEntry } from './define.ts'

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/conversion_functions */
export const conversionFunctions: FunctionEntry[] = [
  define('PARSE_NUMERIC', 'STRING -> NUMERIC', ([x]) => `bq_text_numeric(replace(${x}, ',', ''))`),
  define('SAFE_CONVERT_BYTES_TO_STRING', 'BYTES -> STRING', ([x]) => `bq_utf8_replace(${x})`),
  define(
    'STRING',
    'TIMESTAMP -> STRING',
    ([x], c) => castValue(typed(x!, TIMESTAMP), STRING, false, c.at).sql,
  ),
  define('STRING', 'DATE -> STRING', ([x]) => `CAST(${x} AS VARCHAR)`),
  define('STRING', 'DATETIME -> STRING', ([x]) => `bq_datetime_text(epoch_us(${x}))`),
].flat()
