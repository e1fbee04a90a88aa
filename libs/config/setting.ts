import type { z } from 'zod'

/** The processes that read settings; `operator` stands for the commands of the CLI that look into Redis. */
export type Role = 'ingress' | 'worker' | 'emulator' | 'operator' | 'console'

/** One row of the settings tables: everything that is known about a setting stands here and nowhere else. */
export interface Setting {
  /** Name of the environment variable. */
  env: string
  /** Takes what was given (text; in the file also a list or a map) and yields the typed value. */
  schema: z.ZodType
  /** Never shown anywhere; may also be given as `NAME_FILE`. */
  secret?: true
  /** Taken when nothing is given. A row without one is required unless it says otherwise. */
  default?: string
  /** A path: made absolute, from the folder of the config file where it stands there. */
  path?: true
  /** The value that `.env.example` sets although it is no default. */
  inExample?: string
  /** Stays commented out in `.env.example` although it has a default. */
  commentedOut?: true
  /** What to do when it is missing, where the first sentence of `doc` does not say it. */
  ifMissing?: string
  /** What goes wrong when the list is empty: becomes a warning. */
  ifEmpty?: string
  /** One line of plain text; the first sentence says what the setting is and where to find it. */
  doc: { en: string; ja: string }
  /** Absent where somebody could go live with it: secrets have no example. */
  example?: string
}

/** A setting of a process. Read from the environment only. */
export interface ProcessSetting extends Setting {
  /** Name in the typed configuration. */
  field: string
  roles: readonly Role[]
  /** The process can do without it. */
  optional?: true
}

/** A setting of a bot. Its key in the table is its name in the config file and in the typed configuration. */
export interface BotSetting extends Setting {
  usedBy: 'ingress' | 'worker' | 'both'
  /** The worker can do without it, or with another one in its place. */
  optional?: true
  /** The environment variable is also the default of the bots in the config file. */
  everyBot?: true
}

type Value<S> = S extends { schema: z.ZodType<infer V> } ? V : never
type Flat<T> = { [K in keyof T]: T[K] }
type UsedBy<T, Side> = { [K in keyof T]: T[K] extends { usedBy: Side | 'both' } ? K : never }[keyof T]
type OptionalKey<T> = { [K in keyof T]: T[K] extends { optional: true } ? K : never }[keyof T]

/** The typed values of the rows that the ingress uses; all of them are required. */
export type IngressSide<T> = { [K in UsedBy<T, 'ingress'>]: Value<T[K]> }

/** The typed values of the rows that the worker uses. */
export type WorkerSide<T> = Flat<
  { [K in Exclude<UsedBy<T, 'worker'>, OptionalKey<T>>]: Value<T[K]> } & {
    [K in Extract<UsedBy<T, 'worker'>, OptionalKey<T>>]?: Value<T[K]>
  }
>

/** The typed values of all rows, none of them required. */
export type AnySide<T> = { -readonly [K in keyof T]?: Value<T[K]> }

type OfRole<T extends Record<string, ProcessSetting>, R extends Role> = {
  [K in keyof T]: R extends T[K]['roles'][number] ? K : never
}[keyof T]

/** The typed values of the process rows of one role, by `field`. */
export type ProcessSide<T extends Record<string, ProcessSetting>, R extends Role> = Flat<
  {
    -readonly [K in Exclude<OfRole<T, R>, OptionalKey<T>> as T[K]['field']]: Value<T[K]>
  } & { -readonly [K in Extract<OfRole<T, R>, OptionalKey<T>> as T[K]['field']]?: Value<T[K]> }
>
