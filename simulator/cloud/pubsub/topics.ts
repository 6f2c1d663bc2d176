import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { listFolders, readJsonFile, removeTree, writeJson } from '../files.ts'
import { resolveProject, type Place } from '../names.ts'
import { ApiError } from '../routes.ts'

/** https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.topics#Topic */
export interface Topic {
  readonly name: string
  readonly labels?: Readonly<Record<string, string>>
}

/** https://cloud.google.com/pubsub/docs/reference/rest/v1/PubsubMessage */
export interface Message {
  readonly messageId: string
  readonly publishTime: string
  readonly data?: string
  readonly attributes?: Readonly<Record<string, string>>
  readonly orderingKey?: string
}

/** Topics and what was published to them, one folder each: `topic.json` and `messages.jsonl`. */
export class Topics {
  readonly #dir: string
  readonly #place: Place

  constructor(dir: string, place: Place) {
    this.#dir = dir
    this.#place = place
  }

  create(topic: Topic): Topic {
    const file = join(this.#folder(topic.name), 'topic.json')
    if (existsSync(file)) {
      throw new ApiError(409, `Resource already exists in the project (resource=${idOf(topic.name)}).`)
    }
    writeJson(file, topic)
    return topic
  }

  get(name: string): Topic {
    const found = readJsonFile(join(this.#folder(name), 'topic.json')) as Topic | null
    if (found === null) throw new ApiError(404, `Resource not found (resource=${idOf(name)}).`)
    return found
  }

  list(project: string): readonly Topic[] {
    return listFolders(this.#dir)
      .flatMap((folder) => (readJsonFile(join(this.#dir, folder, 'topic.json')) as Topic | null) ?? [])
      .filter(({ name }) => name.startsWith(`projects/${project}/topics/`))
      .toSorted((left, right) => (left.name < right.name ? -1 : 1))
  }

  delete(name: string): void {
    this.get(name)
    removeTree(this.#folder(name))
  }

  /** Oldest first. */
  messages(name: string): readonly Message[] {
    const file = join(this.#folder(name), 'messages.jsonl')
    if (!existsSync(file)) return []
    const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean)
    return lines.map((line) => JSON.parse(line) as Message)
  }

  append(name: string, messages: readonly Message[]): void {
    const lines = messages.map((message) => `${JSON.stringify(message)}\n`).join('')
    appendFileSync(join(this.#folder(name), 'messages.jsonl'), lines)
  }

  #folder(name: string): string {
    const [, project = ''] = name.split('/')
    const id = idOf(name)
    checkName(id)
    const own = resolveProject(project, this.#place)
    return join(this.#dir, own === this.#place.project ? id : `${encodeURIComponent(own)}..${id}`)
  }
}

/** The rule for the ids of topics and subscriptions. https://cloud.google.com/pubsub/docs/pubsub-basics#resource_names */
export function checkName(id: string): void {
  if (!/^[A-Za-z][A-Za-z0-9._~+%-]{2,254}$/.test(id) || id.startsWith('goog')) {
    throw new ApiError(400, `Invalid resource name given (name=${id}).`)
  }
}

export function idOf(name: string): string {
  return name.split('/').at(-1) ?? ''
}
