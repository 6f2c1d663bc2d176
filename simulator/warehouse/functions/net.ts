import { failWith } from '../analyze/fail.ts'
import { BYTES } from '../types/type.ts'
import { define, type FunctionEntry } from './define.ts'

const f =
  (fn: string) =>
  (a: readonly string[]): string =>
    `${fn}(${a.join(', ')})`

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/net_functions */
export const netFunctions: FunctionEntry[] = [
  define('NET.HOST', 'STRING -> STRING', f('bq_net_host')),
  define(
    'NET.IP_FROM_STRING',
    'STRING -> BYTES',
    ([x]) =>
      `CASE WHEN ${x} IS NOT NULL THEN COALESCE(bq_net_address(${x}), ${failWith(`'Invalid IP address: ' || ${x}`, BYTES)}) END`,
  ),
  define('NET.SAFE_IP_FROM_STRING', 'STRING -> BYTES', f('bq_net_address')),
  define('NET.IP_TO_STRING', 'BYTES -> STRING', f('bq_net_text')),
  define('NET.IP_NET_MASK', 'INT64, INT64 -> BYTES', f('bq_net_mask')),
  define('NET.IP_TRUNC', 'BYTES, INT64 -> BYTES', f('bq_net_truncate')),
  define('NET.IPV4_FROM_INT64', 'INT64 -> BYTES', f('bq_net_from_integer')),
  define('NET.IPV4_TO_INT64', 'BYTES -> INT64', f('bq_net_to_integer')),
].flat()
