import { renderSql, runVariables, sinceVariable, tableId, tableText, type Model } from '../../dsl/index.ts'
import { quotedName } from '../../sql/quoted-name.ts'
import { auditList, rowAudits, tableAudits } from './audit.ts'
import { literal } from './literal.ts'
import { insertLoad, loadTableText } from './load-table.ts'
import type { ModelSql } from './read-sql.ts'
import { loadValues, names, targetOf, type Target } from './target.ts'
import { append } from './write/append.ts'
import { history } from './write/history.ts'
import { merge } from './write/merge.ts'
import { replacePartition } from './write/replace-partition.ts'
import { snapshot } from './write/snapshot.ts'

/** What the procedure of a model does, without its head: builds, tests, writes, and only then lets readers see it. */
export function modelScript(read: ModelSql, dag: string): string {
  const body = bodyOf(read, dag)
  return `${declarations(read.model, body)}${body}\n`
}

function bodyOf(read: ModelSql, dag: string): string {
  const { model } = read
  if (model.write === null) return scriptBody(model, dag)
  if (model.write.kind === 'view') return viewBody(model, dag)
  const target = targetOf(read)
  const rows = '(SELECT COUNT(*) FROM built_rows)'
  const rejected =
    model.quarantine === null ? '0' : '(SELECT COUNT(*) FROM checked_rows WHERE _rule IS NOT NULL)'
  const load = (state: 'written' | 'stopped') => insertLoad(dag, tableId(model), { state, rows, rejected })
  const onTable = tableAudits(model)
  const onRows = rowAudits(target)
  return [
    ...(model.dependsOnPast ? [pastCheck(model, dag)] : []),
    ...builtRows(model, target),
    ...(onRows.length === 0
      ? []
      : [`SET _tests = ${auditList(onRows)};`, stopIfFailed(model, load('stopped'), '')]),
    'BEGIN TRANSACTION;',
    writeStatements(target),
    ...(model.quarantine === null ? [] : [quarantineStatements(model.quarantine, read)]),
    ...(onTable.length === 0
      ? []
      : [
          `SET _tests = ARRAY_CONCAT(_tests, ${auditList(onTable)});`,
          stopIfFailed(model, load('stopped'), 'ROLLBACK TRANSACTION;\n  '),
        ]),
    'COMMIT TRANSACTION;',
    load('written'),
  ].join('\n\n')
}

/** A script of the author's own: tested when it is through. */
function scriptBody(model: Model, dag: string): string {
  const text = renderSql(model.sql!)
  const script = text.trimEnd().endsWith(';') ? text : `${text};`
  const tests = tableAudits(model, 'all')
  if (tests.length === 0) return script
  const load = (state: 'written' | 'stopped') =>
    insertLoad(dag, tableId(model), { state, rows: 'NULL', rejected: '0' })
  return [
    script,
    `SET _tests = ${auditList(tests)};`,
    stopIfFailed(model, load('stopped'), ''),
    load('written'),
  ].join('\n\n')
}

function viewBody(model: Model, dag: string): string {
  const tests = tableAudits(model, 'all')
  const load = (state: 'written' | 'stopped') =>
    insertLoad(dag, tableId(model), { state, rows: 'NULL', rejected: '0' })
  return [
    ...(tests.length === 0
      ? []
      : [`SET _tests = ${auditList(tests)};`, stopIfFailed(model, load('stopped'), '')]),
    load('written'),
  ].join('\n\n')
}

/** Rows of the SELECT; those that a rule refuses stay behind. */
function builtRows(model: Model, target: Target): readonly string[] {
  const select = renderSql(model.sql!).trimEnd().replace(/;$/, '')
  if (model.quarantine === null) return [`CREATE TEMP TABLE built_rows AS\n${select};`]
  const columns = [...target.given, ...(target.tellsComplete ? ['_complete'] : [])]
  return [
    `CREATE TEMP TABLE checked_rows AS\n${select};`,
    `CREATE TEMP TABLE built_rows AS\nSELECT ${names(columns)} FROM checked_rows WHERE _rule IS NULL;`,
  ]
}

function writeStatements(target: Target): string {
  const mode = target.model.write!
  switch (mode.kind) {
    case 'append':
      return append(target, mode)
    case 'replace_partition':
      return replacePartition(target)
    case 'merge':
      return merge(target, mode)
    case 'history':
      return history(target, mode)
    case 'snapshot':
      return snapshot(target, mode)
    case 'view':
      return ''
  }
}

function quarantineStatements(quarantine: Model, read: ModelSql): string {
  const table = tableText(quarantine)
  const declared = new Set(quarantine.columns.map(({ name }) => name))
  const given = read.outputs.filter((name) => declared.has(name))
  const target: Target = { ...targetOf({ ...read, model: quarantine, outputs: given }), given }
  const filled = [...loadValues(target)].filter(([name]) => declared.has(name) && !given.includes(name))
  const partition = quarantine.partitionBy!
  const day =
    target.seen === null ? `IN (SELECT ${quotedName(partition)} FROM checked_rows)` : `= ${target.asOf}`
  return `DELETE FROM ${table} WHERE ${quotedName(partition)} ${day};

INSERT INTO ${table} (${names([...given, 'rule', ...filled.map(([name]) => name)])})
SELECT ${[...(given.length === 0 ? [] : [names(given)]), '_rule', ...filled.map(([, value]) => value)].join(', ')}
FROM checked_rows
WHERE _rule IS NOT NULL;`
}

function stopIfFailed(model: Model, load: string, before: string): string {
  return `SET _stopped = (
  SELECT STRING_AGG(FORMAT('%s: %d', test, failing), '; ')
  FROM UNNEST(_tests) WHERE severity = 'stop' AND failing > 0);
IF _stopped IS NOT NULL THEN
  ${before}${load.replaceAll('\n', '\n  ')}
  RAISE USING MESSAGE = CONCAT(${literal(`quality tests of ${tableId(model)} failed (rows): `)}, _stopped);
END IF;`
}

/** The interval before has to have been built, unless nothing has been built yet. */
function pastCheck(model: Model, dag: string): string {
  const built = `${loadTableText(dag)} WHERE model = ${literal(tableId(model))} AND state = 'written'`
  return `IF EXISTS (SELECT 1 FROM ${built} AND interval_start < _run_interval_start)
  AND NOT EXISTS (SELECT 1 FROM ${built} AND interval_end = _run_interval_start) THEN
  RAISE USING MESSAGE = FORMAT(
    ${literal(`${tableId(model)} depends on the interval that ends at %t, which has not been built`)}, _run_interval_start);
END IF;`
}

/** Variables that the body needs, and no others. */
function declarations(model: Model, body: string): string {
  const uses = (name: string) => new RegExp(`\\b${name}\\b`).test(body)
  const run = Object.values(runVariables)
    .filter(({ name }) => uses(name))
    .map(({ name, type }) => `DECLARE ${name} ${type} DEFAULT ${runSource[name]};`)
  const declared = [
    ...run,
    ...(uses(sinceVariable) ? [sinceDeclaration(model)] : []),
    ...(uses('_tests')
      ? ['DECLARE _tests ARRAY<STRUCT<test STRING, severity STRING, failing INT64>> DEFAULT [];']
      : []),
    ...(uses('_stopped') ? ['DECLARE _stopped STRING;'] : []),
    ...(uses('_partitions') ? ['DECLARE _partitions ARRAY<DATE>;'] : []),
  ]
  return declared.length === 0 ? '' : `${declared.join('\n')}\n\n`
}

/** Where the arguments of a procedure hold what SQL may ask of the run. */
const runSource: Readonly<Record<string, string>> = {
  _run_id: 'run_id',
  _run_load_id: 'load_id',
  _run_date: 'reference_date',
  _run_logical_date: 'logical_date',
  _run_interval_start: 'interval_start',
  _run_interval_end: 'interval_end',
  _run_time: 'run_time',
  _run_params: 'PARSE_JSON(params)',
}

function sinceDeclaration(model: Model): string {
  const { column, lookBackSeconds } = model.watermark!
  const start = `TIMESTAMP '0001-01-01'`
  const newest = `(SELECT MAX(${quotedName(column)}) FROM ${tableText(model)})`
  return `DECLARE ${sinceVariable} TIMESTAMP DEFAULT IFNULL(
  TIMESTAMP_SUB(${newest}, INTERVAL ${lookBackSeconds ?? 0} SECOND), ${start});`
}
