import type { TableMetadata } from '../warehouse.ts'

type Layout = Pick<TableMetadata, 'partitioning' | 'rangePartitioning' | 'clustering'>

/** How a table is laid out, as the service's refusals put it: `interval(type:day,field:d) clustering(a,b)`. */
export function layoutText({ partitioning, rangePartitioning, clustering = [] }: Layout): string {
  const parts = [
    ...(partitioning
      ? [`interval(type:${partitioning.type.toLowerCase()}${fieldText(partitioning.field)})`]
      : []),
    ...(rangePartitioning
      ? [
          `range(start:${rangePartitioning.start},end:${rangePartitioning.end},interval:${rangePartitioning.interval}${fieldText(rangePartitioning.field)})`,
        ]
      : []),
    ...(clustering.length > 0 ? [`clustering(${clustering.join(',').toLowerCase()})`] : []),
  ]
  return parts.length === 0 ? 'none' : parts.join(' ')
}

function fieldText(field: string | undefined): string {
  return field === undefined ? '' : `,field:${field.toLowerCase()}`
}
