import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { DagError } from './errors/dag-error.ts'
import { callerOf, type Location } from './location.ts'
import { run, since } from './run-value.ts'
import { sqlParts, sqlText, type SqlPart, type SqlText, type SqlValue } from './sql.ts'
import { didYouMean } from './suggest.ts'

const placeholder = /\{\{\s*([A-Za-z_][A-Za-z0-9_.]*)\s*\}\}/g

/**
 * SQL from a `.sql` file beside the file that names it. `{{name}}` stands for what is given under that name, `{{name.column}}`
 * for a column of a reference, and `{{run.date}}`, `{{run.param.user}}`, `{{since}}` for values of the run.
 *
 * @param path relative to the file of the caller
 * @throws DagError where there is no such file, or a placeholder stands for nothing; with the line in the SQL file
 * @example
 * // SELECT {{list.object}} FROM {{list}} WHERE {{list.day}} = {{run.date}}
 * const text = sqlFile('./entry.sql', { list: ref(rawList, 'l') })
 */
export function sqlFile(path: string, values: Readonly<Record<string, SqlValue>> = {}): SqlText {
  const at = callerOf(sqlFile)
  const file = resolve(at === null ? '.' : dirname(at.file), path)
  const text = readSql(file, path, at)
  const parts: SqlPart[] = []
  let end = 0
  for (const match of text.matchAll(placeholder)) {
    const place = placeOf(file, text, match.index)
    parts.push({ kind: 'text', text: text.slice(end, match.index), at: placeOf(file, text, end) })
    parts.push(...sqlParts(valueOf(match[1]!, values, place), place))
    end = match.index + match[0].length
  }
  parts.push({ kind: 'text', text: text.slice(end), at: placeOf(file, text, end) })
  return sqlText(parts, { file, line: 1 })
}

function readSql(file: string, path: string, at: Location | null): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    throw new DagError('DAG411', `SQL file ${path} cannot be read (${code})`, {
      at,
      hint: 'the path is relative to the file that calls sqlFile',
    })
  }
}

function valueOf(name: string, values: Readonly<Record<string, SqlValue>>, at: Location): unknown {
  if (name === 'since') return since
  const [head = '', ...rest] = name.split('.')
  if (head === 'run') return runValue(rest, name, at)
  const value = Object.hasOwn(values, head) ? values[head] : undefined
  if (value === undefined) {
    throw new DagError('DAG411', `{{${name}}} stands for nothing`, {
      at,
      hint: didYouMean(head, [...Object.keys(values), 'run', 'since'], 'names'),
    })
  }
  if (rest.length === 0) return value
  try {
    return (value as Readonly<Record<string, unknown>>)[rest.join('.')]
  } catch (error) {
    // The reference blames the line of this file.
    if (error instanceof DagError) throw new DagError(error.code, error.message, { at, hint: error.hint })
    throw error
  }
}

function runValue(path: readonly string[], name: string, at: Location): unknown {
  const [key = '', param] = path
  if (key === 'param' && param !== undefined && path.length === 2) return run.param(param)
  const known = Object.keys(run).filter((each) => each !== 'param')
  if (path.length === 1 && known.includes(key)) return run[key as keyof typeof run]
  throw new DagError('DAG411', `{{${name}}} is no value of a run`, {
    at,
    hint: didYouMean(key, known, 'values of a run'),
  })
}

function placeOf(file: string, text: string, offset: number): Location {
  return { file, line: text.slice(0, offset).split('\n').length }
}
