import { readdirSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import type { Readings } from '../../simulator/engine/readings.ts'
import type { RuntimeValue } from '../../simulator/engine/value.ts'

/**
 * The case tables of the simulator. Every row is read here and nowhere else; each way to run it (in process, over REST,
 * printed and parsed again) takes the same rows.
 */
export interface Table<Row> {
  /** `engine/steps` */
  readonly name: string
  readonly rows: readonly Row[]
}

const readings = z.record(z.string(), z.string()) as unknown as z.ZodType<Partial<Readings>>
const value = z.unknown() as z.ZodType<RuntimeValue>

/** What may stand in every row. */
const common = {
  name: z.string().optional(),
  /** Page of the documentation. */
  page: z.string().optional(),
  readings: readings.optional(),
  /** Why the row is not run over REST. */
  notOverRest: z.string().optional(),
}

const answer = z.union([z.strictObject({ result: value }), z.strictObject({ raise: value })])

/** See test/cases/engine/README.md. */
const engineRow = z
  .strictObject({
    ...common,
    source: z.string().optional(),
    expr: z.string().optional(),
    argument: value.optional(),
    seed: z.bigint().optional(),
    detailed: z.boolean().optional(),
    environment: z.record(z.string(), z.string()).optional(),
    answers: z.record(z.string(), z.array(answer)).optional(),
    before: z.array(z.strictObject({ send: z.string(), body: z.unknown().optional() })).optional(),
    result: value.optional(),
    error: z
      .strictObject({
        tags: z.array(z.string()).optional(),
        message: z.string().optional(),
        payload: z.string().optional(),
        context: z.string().optional(),
      })
      .optional(),
    refused: z.string().optional(),
    deployment: z.string().optional(),
    logs: z.array(z.string()).optional(),
    seconds: z.union([z.number(), z.bigint()]).optional(),
    steps: z.bigint().optional(),
    history: z.array(z.string()).optional(),
  })
  .refine(({ source, expr }) => (source === undefined) !== (expr === undefined), 'either source or expr')

export type EngineRow = z.infer<typeof engineRow>
export type StubAnswer = z.infer<typeof answer>

/** Problems and facts of the tree; a row without problems deploys. */
const languageRow = z.strictObject({
  ...common,
  name: z.string(),
  source: z.string(),
  problems: z.array(z.string()).default([]),
  tree: z.record(z.string(), z.unknown()).optional(),
})

export type LanguageRow = z.infer<typeof languageRow>

const httpAnswer = z.strictObject({
  status: z.number().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  type: z.string().optional(),
  text: z.string().optional(),
  repeat: z.number().optional(),
  json: z.unknown().optional(),
})

/** See test/cases/connectors/README.md. */
const connectorRow = z.strictObject({
  ...common,
  name: z.string(),
  call: z.string(),
  args: z.record(z.string(), z.unknown()),
  answers: z.array(httpAnswer),
  result: z.unknown().optional(),
  error: z.record(z.string(), z.unknown()).optional(),
  requests: z.array(z.string()).optional(),
  bodies: z.array(z.string()).optional(),
  seconds: z.number().optional(),
  steps: z.number().optional(),
  timeout: z.number().optional(),
})

export type ConnectorRow = z.infer<typeof connectorRow>
export type HttpAnswer = z.infer<typeof httpAnswer>

/** See test/cases/api/README.md. */
const apiRow = z.strictObject({
  ...common,
  name: z.string(),
  /** A virtual clock does not wait for requests. */
  clock: z.literal('real').optional(),
  /** The row has an emulator of its own, with these limits in place of Google's. */
  quota: z
    .strictObject({ workflows: z.number(), concurrent: z.number(), backlog: z.number() })
    .partial()
    .optional(),
  requests: z.array(
    z.strictObject({
      send: z.string(),
      headers: z.record(z.string(), z.string()).optional(),
      body: z.unknown().optional(),
      times: z.number().optional(),
      until: z.record(z.string(), z.unknown()).optional(),
      status: z.number().optional(),
      answer: z.unknown().optional(),
      only: z.unknown().optional(),
      keep: z.record(z.string(), z.string()).optional(),
    }),
  ),
})

export type ApiRow = z.infer<typeof apiRow>

export const engineTables = (): readonly Table<EngineRow>[] => tables('engine', engineRow, true)
export const languageTables = (): readonly Table<LanguageRow>[] => tables('language', languageRow, false)
export const connectorTables = (): readonly Table<ConnectorRow>[] => tables('connectors', connectorRow, false)
export const apiTables = (): readonly Table<ApiRow>[] => tables('api', apiRow, false)

/** A row as docs/fidelity.md names it. */
export function labelOf(
  table: string,
  row: { readonly name?: string | undefined; readonly expr?: string | undefined },
): string {
  return `${table}: ${row.name ?? row.expr ?? ''}`
}

const FOLDER = new URL('./', import.meta.url)

function tables<Row>(folder: string, row: z.ZodType<Row>, intAsBigInt: boolean): readonly Table<Row>[] {
  return readdirSync(new URL(`${folder}/`, FOLDER))
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => {
      const text = readFileSync(new URL(`${folder}/${file}`, FOLDER), 'utf8')
      const parsed = z.array(row).safeParse(parse(text, { intAsBigInt }))
      if (!parsed.success) throw new Error(`test/cases/${folder}/${file}: ${parsed.error.message}`)
      return { name: `${folder}/${file.replace('.yaml', '')}`, rows: parsed.data }
    })
}
