/** `1,234.5`, without the tables of languages, which take long to load. */
export function withCommas(amount: number): string {
  const rounded = Math.round(Number((amount * 10).toPrecision(15))) / 10
  const [whole = '', ...fraction] = String(rounded).split('.')
  return [whole.replaceAll(/\B(?=(?:\d{3})+$)/g, ','), ...fraction].join('.')
}
