/** What layers hold, in words. */
export const layerText = {
  raw: 'as received',
  tru: 'trusted: typed, de-duplicated, validated',
  ref: 'refined: joined and prepared',
  dmt: 'data marts: ready for readers',
  ops: 'what runs have built and tested',
} as const
