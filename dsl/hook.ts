import type { Place } from './place.ts'
import { asList, describe, isPlainObject } from './values.ts'

/** A value that only Secret Manager holds; named, never read, while a DAG is declared. */
export interface SecretRef {
  readonly kind: 'secret'
  /** Id of the secret in Secret Manager; the latest version counts. */
  readonly id: string
}

/** Who is told how a run or a task ended. A hook that fails is logged; it changes no state. */
export type Hook =
  | {
      readonly kind: 'pubsub'
      /** Topic id in the run's project. */
      readonly topic: string
    }
  | {
      readonly kind: 'webhook'
      /** A secret one is called from a container, so that no history shows it. */
      readonly url: string | SecretRef
      /** Sends an OpenID Connect token of the workflow's account along. */
      readonly auth: 'oidc' | null
      /** `event`: the event as JSON. `chat`: `{"text": "…"}`, as Slack and Google Chat take it. */
      readonly format: 'event' | 'chat'
    }

export interface WebhookOptions {
  /** `https://…`; as a secret where the address itself lets anybody write, as those of Slack do. */
  readonly url: string | SecretRef
  /** `oidc` sends an OpenID Connect token of the workflow's account along. @default none */
  readonly auth?: 'oidc'
  /** `event`: the event as JSON. `chat`: `{"text": "…"}`, as Slack and Google Chat take it. @default 'event' */
  readonly format?: 'event' | 'chat'
}

/**
 * Names a secret of Secret Manager; its value never stands in a DAG file, a workflow or a history.
 *
 * @example
 * webhook({ url: secret('slack-webhook'), format: 'chat' })
 */
export function secret(id: string): SecretRef {
  return Object.freeze({ kind: 'secret', id })
}

/**
 * Publishes the event as a JSON message to a Pub/Sub topic of the run's project.
 *
 * @example
 * task('load', load, {}, { onFailure: pubsub('pipeline-events') })
 */
export function pubsub(topic: string): Hook {
  return Object.freeze({ kind: 'pubsub', topic })
}

/**
 * Posts the event to an address.
 *
 * @example
 * const toChat = webhook({ url: secret('slack-webhook'), format: 'chat' })
 * export default dag('shop', { description: 'Sales', onFailure: toChat }, ({ task }) => task('load', load, {}))
 */
export function webhook({ url, auth, format }: WebhookOptions): Hook {
  return Object.freeze({ kind: 'webhook', url, auth: auth ?? null, format: format ?? 'event' })
}

/** Reads one hook or a list of them; what is none is refused. */
export function readHooks(hooks: unknown, option: string, { what, problems, at }: Place): readonly Hook[] {
  return asList(hooks).filter((hook): hook is Hook => {
    const hint = mistakeOf(hook)
    if (hint !== null) problems.add('DAG115', `${what}: ${option} is ${describe(hook)}`, hint, at)
    return hint === null
  })
}

/** https://cloud.google.com/pubsub/docs/pubsub-basics#resource_names */
const topicId = /^(?!goog)[A-Za-z][A-Za-z0-9._~+%-]{2,254}$/
/** https://cloud.google.com/secret-manager/docs/creating-and-accessing-secrets */
const secretId = /^[A-Za-z0-9_-]{1,255}$/

function mistakeOf(hook: unknown): string | null {
  const { kind, topic, url, auth, format } = isPlainObject(hook) ? hook : {}
  if (kind === 'pubsub') {
    const usable = typeof topic === 'string' && topicId.test(topic)
    return usable ? null : 'a topic id has 3 to 255 letters, digits and -._~+%, starting with a letter'
  }
  if (kind !== 'webhook') return 'pass what pubsub(…) or webhook({ url }) returned'
  if (isSecret(url)) {
    if (!secretId.test(url.id)) return 'a secret id has 1 to 255 letters, digits, - and _'
  } else if (typeof url !== 'string' || !/^https?:\/\/[^\s]+$/.test(url)) {
    return "a url is an address such as https://chat.example.com/hook, or secret('its-id')"
  }
  if (auth !== null && auth !== 'oidc') return "auth is 'oidc', or left out"
  if (auth === 'oidc' && isSecret(url)) return 'an address that is a secret takes no token: leave auth out'
  return format === 'event' || format === 'chat' ? null : "format is 'event' or 'chat'"
}

export function isSecret(value: unknown): value is SecretRef {
  return isPlainObject(value) && value['kind'] === 'secret'
}
