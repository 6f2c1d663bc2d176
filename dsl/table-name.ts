/** What SQL needs to know of a model. */
export interface TableName {
  readonly kind: 'model' | 'table'
  readonly dataset: string
  readonly table: string
}

/** The table's name as SQL quotes it. */
export function tableText({ dataset, table }: TableName): string {
  return `\`${dataset}.${table}\``
}

/** `dataset.table` */
export function tableId({ dataset, table }: { readonly dataset: string; readonly table: string }): string {
  return `${dataset}.${table}`
}
