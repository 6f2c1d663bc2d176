import { define, type FunctionEntry } from './define.ts'

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/hash_functions */
export const hashFunctions: FunctionEntry[] = [
  define('MD5', 'STRING -> BYTES', ([x]) => `unhex(md5(${x}))`),
  define('MD5', 'BYTES -> BYTES', ([x]) => `unhex(md5(${x}))`),
  define('SHA1', 'STRING -> BYTES', ([x]) => `unhex(sha1(${x}))`),
  define('SHA1', 'BYTES -> BYTES', ([x]) => `unhex(sha1(${x}))`),
  define('SHA256', 'STRING -> BYTES', ([x]) => `unhex(sha256(${x}))`),
  define('SHA256', 'BYTES -> BYTES', ([x]) => `unhex(sha256(${x}))`),
  define('SHA512', 'STRING -> BYTES', ([x]) => `unhex(bq_sha512(encode(${x})))`),
  define('SHA512', 'BYTES -> BYTES', ([x]) => `unhex(bq_sha512(${x}))`),
  define('FARM_FINGERPRINT', 'STRING -> INT64', ([x]) => `bq_farm_fingerprint(encode(${x}))`),
  define('FARM_FINGERPRINT', 'BYTES -> INT64', ([x]) => `bq_farm_fingerprint(${x})`),
].flat()
