import { createHash } from 'node:crypto'
import { tableId } from '../../dsl/index.ts'
import { procedureParameters } from '../lower/helpers/requests.ts'
import { procedureFile } from '../names.ts'
import type { ModelSql } from './read-sql.ts'
import { modelScript } from './script.ts'

/** A stored procedure that builds a model's table. */
export interface Procedure {
  readonly dataset: string
  readonly routine: string
  /** `dataset.table` */
  readonly model: string
  readonly file: string
  readonly sql: string
}

/** The procedure of a model with SQL. Its name carries a hash of what it does, so that runs keep their version. */
export function procedureOf(read: ModelSql, dag: string): Procedure {
  const { model } = read
  const body = headAndBody(modelScript(read, dag))
  const routine = `build_${model.table}__${hashOf(body)}`
  return {
    dataset: model.dataset,
    routine,
    model: tableId(model),
    file: procedureFile(model),
    sql: `-- ${oneLine(model.description)}\nCREATE OR REPLACE PROCEDURE \`${model.dataset}.${routine}\`${body}`,
  }
}

function headAndBody(script: string): string {
  const parameters = procedureParameters.map(({ name, type }) => `  ${name} ${type}`).join(',\n')
  const indented = script
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? '' : `  ${line}`))
  return `(\n${parameters}\n)\nBEGIN\n${indented.join('\n')}\nEND;\n`
}

function hashOf(body: string): string {
  return createHash('sha256').update(body).digest('hex').slice(0, 8)
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ')
}
