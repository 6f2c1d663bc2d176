import type { Partitioning, RangePartitioning } from '../../warehouse/warehouse.ts'
import type { RangePartitioningInput, TimePartitioningInput } from './job-config.ts'
import { invalid } from './problem.ts'

export function readPartitioning(input: TimePartitioningInput): Partitioning {
  const { type, field, expirationMs } = input
  if (expirationMs != null && expirationMs <= 0)
    throw invalid('timePartitioning.expirationMs must be a positive number')
  return {
    type,
    ...(field == null || field === '' ? {} : { field }),
    ...(expirationMs == null ? {} : { expirationMs }),
  }
}

export function wirePartitioning(partitioning: Partitioning): Readonly<Record<string, unknown>> {
  const { type, field, expirationMs } = partitioning
  return {
    type,
    ...(field === undefined ? {} : { field }),
    ...(expirationMs === undefined ? {} : { expirationMs: String(expirationMs) }),
  }
}

export function readRange({ field, range }: RangePartitioningInput): RangePartitioning {
  return { field, ...range }
}

export function wireRange({ field, start, end, interval }: RangePartitioning) {
  return { field, range: { start: String(start), end: String(end), interval: String(interval) } }
}
