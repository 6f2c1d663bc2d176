/** Functions of BigQuery that the local warehouse lacks: named as unsupported rather than as unknown. */
export const knownFunctions: ReadonlySet<string> = new Set(
  `COLLATE COLLATION JSON_FLATTEN
  GENERATE_RANGE_ARRAY RANGE RANGE_CONTAINS RANGE_OVERLAPS RANGE_START RANGE_END RANGE_INTERSECT RANGE_SESSIONIZE
  NET.REG_DOMAIN NET.PUBLIC_SUFFIX
  VECTOR_SEARCH GAP_FILL APPENDS CHANGES EXTERNAL_QUERY EXTERNAL_OBJECT_TRANSFORM
  DETERMINISTIC_ENCRYPT DETERMINISTIC_DECRYPT_STRING DETERMINISTIC_DECRYPT_BYTES BAG_OF_WORDS TEXT_ANALYZE TF_IDF SEARCH`.split(
    /\s+/,
  ),
)

/** Families of functions, all of which are unsupported. */
const families = /^(ST_|AEAD\.|KEYS\.|DLP_|KLL_QUANTILES\.|S2_|ML\.|AI\.|OBJ\.)/

export function isKnownFunction(name: string): boolean {
  return knownFunctions.has(name) || families.test(name)
}
