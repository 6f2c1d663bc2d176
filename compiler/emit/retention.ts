/** How long rows are kept. */
export function retentionText(days: number | null): string {
  return days === null ? 'for ever' : `${days} days`
}
