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
