/** Functions of BigQuery that the local warehouse lacks: named as unsupported rather than as unknown. */
export const knownFunctions: ReadonlySet<string> = new Set(
  `COLLATE COLLATION JSON_FLATTEN PARSE_BIGNUMERIC
  GENERATE_RANGE_ARRAY RANGE RANGE_CONTAINS RANGE_OVERLAPS RANGE_START RANGE_END RANGE_INTERSECT RANGE_SESSIONIZE
  SESSION_USER HLL_COUNT.INIT HLL_COUNT.MERGE HLL_COUNT.MERGE_PARTIAL HLL_COUNT.EXTRACT NET.REG_DOMAIN NET.PUBLIC_SUFFIX
  APPROX_TOP_SUM REGEXP_INSTR VECTOR_SEARCH GAP_FILL APPENDS CHANGES EXTERNAL_QUERY EXTERNAL_OBJECT_TRANSFORM
  DETERMINISTIC_ENCRYPT DETERMINISTIC_DECRYPT_STRING DETERMINISTIC_DECRYPT_BYTES BAG_OF_WORDS TEXT_ANALYZE TF_IDF SEARCH`.split(
    /\s+/,
  ),
)

/** Families of functions, all of which are unsupported. */
const families = /^(ST_|AEAD\.|KEYS\.|DLP_|KLL_QUANTILES\.|S2_|ML\.|AI\.|OBJ\.)/

export function isKnownFunction(name: string): boolean {
  return knownFunctions.has(name) || families.test(name)
}
