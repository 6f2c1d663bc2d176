import { z } from 'zod'

/** What a step takes and gives, and what it needs to run. Frozen data: a DAG file imports it, never the handler. */
export interface StepContract<
  Input extends z.ZodObject = z.ZodObject,
  Output extends z.ZodObject = z.ZodObject,
  Name extends string = string,
> {
  readonly kind: 'step_contract'
  /** `<source>/<verb-noun>`, the argument that the image is started with, e.g. `anilist/fetch-user`. */
  readonly name: Name
  /** Logical image name; an environment maps it to a registry path, locally to a command. */
  readonly image: string
  readonly input: Input
  readonly output: Output
  /** Whether a try may be repeated when it is unknown if the one before took effect. */
  readonly idempotency: Idempotency
  /** How long one try may take. */
  readonly timeoutSeconds: number
  readonly resources: StepResources
  /** Names of variables that an environment may set for this step. */
  readonly env: readonly string[]
  /** Environment variable -> Secret Manager secret id. */
  readonly secrets: Readonly<Record<string, string>>
  /** Objects that it keeps in the bucket: the beginning of their names, with what varies as `<word>`. */
  readonly objects?: readonly string[]
}

export type Idempotency = 'idempotent' | 'non_idempotent'

/** In Cloud Run's notation, e.g. `{ cpu: '1', memory: '512Mi' }`. */
export interface StepResources {
  readonly cpu: string
  readonly memory: string
}

/** Any contract, whatever it takes and gives. */
export type AnyStepContract = StepContract

/** What a task passes to a step: defaults of the schema may be left out. */
export type StepInput<C extends AnyStepContract> = z.input<C['input']>
/** What the handler is given, defaults filled in. */
export type StepParsedInput<C extends AnyStepContract> = z.output<C['input']>
/** What a downstream task reads. */
export type StepOutput<C extends AnyStepContract> = z.output<C['output']>

export interface StepContractOptions<
  Input extends z.ZodObject,
  Output extends z.ZodObject,
  Name extends string = string,
> {
  name: Name
  image: string
  input: Input
  output: Output
  /** @default 'idempotent' */
  idempotency?: Idempotency
  /** `30s`, `10m`, `2h`. @default '10m' */
  timeout?: string
  /** @default { cpu: '1', memory: '512Mi' } */
  resources?: StepResources
  /** @default [] */
  env?: readonly string[]
  /** @default {} */
  secrets?: Readonly<Record<string, string>>
  /**
   * Objects that it keeps in the bucket, for lineage: the beginning of their names, with what varies as `<word>`, such as
   * `shop/orders/dt=<date>/`. @default []
   */
  objects?: readonly string[]
}

const name = /^[a-z][a-z0-9]*(-[a-z0-9]+)*\/[a-z][a-z0-9]*(-[a-z0-9]+)*$/
const variable = /^[A-Z][A-Z0-9_]*$/

const optionsSchema = z.strictObject({
  name: z.string().regex(name, 'a step is named <source>/<verb-noun>, e.g. anilist/fetch-user'),
  image: z.string().regex(/^[a-z][a-z0-9-]*$/, 'an image is a logical name such as steps'),
  input: z.custom<z.ZodObject>((value) => value instanceof z.ZodObject, 'must be a z.object'),
  output: z.custom<z.ZodObject>((value) => value instanceof z.ZodObject, 'must be a z.object'),
  idempotency: z.enum(['idempotent', 'non_idempotent']).default('idempotent'),
  timeout: z.string().default('10m'),
  resources: z
    .strictObject({
      cpu: z.string().regex(/^\d+(\.\d+)?$|^\d+m$/, 'cpu is a number such as 1 or 500m'),
      memory: z.string().regex(/^\d+(Mi|Gi)$/, 'memory is an amount such as 512Mi'),
    })
    .default({ cpu: '1', memory: '512Mi' }),
  env: z.array(z.string().regex(variable)).default([]),
  secrets: z.record(z.string().regex(variable), z.string().min(1)).default({}),
  objects: z.array(z.string().min(1)).default([]),
})

/** Seconds of a duration text: a whole number followed by `s`, `m` or `h`. */
function secondsOf(duration: string): number {
  const [, count, unit = ''] = /^([1-9]\d*)([smh])$/.exec(duration) ?? []
  const seconds = new Map([
    ['s', 1],
    ['m', 60],
    ['h', 3600],
  ]).get(unit)
  if (seconds === undefined)
    throw new TypeError(`timeout "${duration}" is not a duration such as 30s, 10m or 2h`)
  return Number(count) * seconds
}

/**
 * Declares what a step takes and gives. Throws a TypeError on an option that it does not know or cannot use.
 *
 * @example
 * const greet = defineContract({
 *   name: 'example/greet',
 *   image: 'steps',
 *   input: z.object({ who: z.string() }),
 *   output: z.object({ greeting: z.string() }),
 * })
 */
export function defineContract<
  Input extends z.ZodObject,
  Output extends z.ZodObject,
  const Name extends string,
>(options: StepContractOptions<Input, Output, Name>): StepContract<Input, Output, Name> {
  const parsed = optionsSchema.safeParse(options)
  if (!parsed.success) {
    throw new TypeError(`contract ${options.name}: ${z.prettifyError(parsed.error)}`)
  }
  const { idempotency, timeout, resources, env, secrets, objects, image } = parsed.data
  return Object.freeze({
    kind: 'step_contract',
    name: options.name,
    image,
    input: options.input,
    output: options.output,
    idempotency,
    timeoutSeconds: secondsOf(timeout),
    resources: Object.freeze(resources),
    env: Object.freeze(env),
    secrets: Object.freeze(secrets),
    objects: Object.freeze(objects),
  })
}
