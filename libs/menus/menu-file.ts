import { readFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import { imageSize } from 'image-size'
import { parse as parseYaml } from 'yaml'
import { z } from 'zod'
import { HooklineError } from '#libs/contract'

/** In the config file every scalar is text. */
const whole = (atLeast: number) =>
  z.preprocess(
    (given) => (typeof given === 'string' && /^\d+$/.test(given) ? Number(given) : given),
    z.number().int().min(atLeast),
  )
const flag = z.preprocess(
  (given) => (given === 'true' || given === 'false' ? given === 'true' : given),
  z.boolean(),
)

const bounds = z.strictObject({ x: whole(0), y: whole(0), width: whole(1), height: whole(1) })

/** An action object of the platform, as it is. */
const action = z.looseObject({ type: z.string() })

const area = z.strictObject({ bounds, action })
const size = z.strictObject({ width: whole(1), height: whole(1) })

const common = {
  /** A JPEG or PNG file, from the folder of the menu file. */
  image: z.string().min(1),
  /** Of the image, where it is not given. */
  size: size.optional(),
  /** What users see who have no menu of their own. One menu at most. */
  default: flag.default(false),
  /** At most 20 [doc R#rich-menu; bot-richmenu-create]. */
  areas: z.array(area).min(1).max(20),
}

/** LINE's rich menu [doc R#rich-menu]; its name in the file is also its alias. */
const lineMenu = z.strictObject({
  ...common,
  chatBarText: z.string().min(1),
  selected: flag.default(false),
})

/** LINE: `^[a-z0-9_-]{1,32}$` [doc R#rich-menu]. */
const menuName = z.string().regex(/^[a-z0-9_-]{1,32}$/, 'must be 1 to 32 of a-z, 0-9, "_" and "-"')

const lineFile = z.strictObject({ richMenus: z.record(menuName, lineMenu) })

/** One of both: a rich menu and a persistent menu exclude each other [doc bot-menu]. */
const lineworksFile = z
  .strictObject({
    persistentMenu: z.strictObject({ actions: z.array(action).min(1).max(4) }).optional(),
    richMenus: z.record(menuName, z.strictObject(common)).optional(),
  })
  .refine(({ persistentMenu, richMenus }) => !persistentMenu !== !richMenus, {
    message: 'needs either persistentMenu or richMenus: on LINE WORKS they exclude each other',
  })

export type LineMenuFile = z.output<typeof lineFile>
export type LineworksMenuFile = z.output<typeof lineworksFile>
export type MenuAction = z.output<typeof action>

/** A picture that both platforms take: JPEG or PNG, at most 1 MB. */
export interface MenuImage {
  bytes: Buffer
  contentType: 'image/jpeg' | 'image/png'
  width: number
  height: number
  /** Start of its SHA-256, in hex. */
  hash: string
}

/** A menu as the bot's configuration gives it: the path of a YAML file, or its content. */
export type MenuSource = string | Record<string, unknown>

export interface GivenMenus<File> {
  file: File
  /** Where relative paths of images start. */
  folder: string
}

export function readLineMenus(source: MenuSource, folder: string): GivenMenus<LineMenuFile> {
  const given = readMenus(lineFile, source, folder)
  checkDefaults(given.file.richMenus)
  return given
}

export function readLineworksMenus(source: MenuSource, folder: string): GivenMenus<LineworksMenuFile> {
  const given = readMenus(lineworksFile, source, folder)
  checkDefaults(given.file.richMenus ?? {})
  return given
}

function readMenus<T>(schema: z.ZodType<T>, source: MenuSource, folder: string): GivenMenus<T> {
  const place = typeof source === 'string' ? source : 'menu'
  const parsed = schema.safeParse(typeof source === 'string' ? readYaml(source) : source)
  if (parsed.success)
    return { file: parsed.data, folder: typeof source === 'string' ? resolve(source, '..') : folder }
  const [issue] = parsed.error.issues
  const field = issue?.path.join('.') ?? ''
  throw invalid(`${place}${field === '' ? '' : `, ${field}`}: ${issue?.message ?? 'is not valid'}.`)
}

function readYaml(path: string): unknown {
  try {
    return parseYaml(readFileSync(path, 'utf8'))
  } catch (error) {
    throw invalid(`The menu file ${path} can't be read: ${(error as Error).message}`)
  }
}

function checkDefaults(menus: Record<string, { default: boolean }>): void {
  const names = Object.keys(menus).filter((name) => menus[name]?.default)
  if (names.length > 1) throw invalid(`Only one menu can be the default, not ${names.join(' and ')}.`)
}

interface Area {
  bounds: { x: number; y: number; width: number; height: number }
}

/** Platforms refuse an area that leaves the menu, or never report a tap there. */
export function checkBounds(areas: Area[], size: { width: number; height: number }, path: string): void {
  areas.forEach(({ bounds: { x, y, width, height } }, i) => {
    if (x + width > size.width || y + height > size.height)
      throw invalid(
        `${path}.areas[${i}].bounds: ${width}×${height} at ${x},${y} leaves the menu, which is ${size.width}×${size.height}.`,
      )
  })
}

const megabyte = 1_000_000

/** @throws HooklineError `message_invalid` for a file that is no JPEG or PNG of at most 1 MB. */
export function readImage(image: string, folder: string): MenuImage {
  const path = resolve(folder, image)
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (error) {
    throw invalid(`The image ${path} can't be read (${(error as NodeJS.ErrnoException).code ?? 'error'}).`)
  }
  if (bytes.length > megabyte)
    throw invalid(`The image ${path} has ${bytes.length} bytes; a menu's image has at most 1 MB.`)
  const { type, width, height } = sizeOf(bytes, path)
  if (type !== 'png' && type !== 'jpg')
    throw invalid(`The image ${path} is no JPEG or PNG but ${type ?? 'unknown'}.`)
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 12)
  return { bytes, contentType: type === 'png' ? 'image/png' : 'image/jpeg', width, height, hash }
}

function sizeOf(bytes: Buffer, path: string): ReturnType<typeof imageSize> {
  try {
    return imageSize(bytes)
  } catch {
    throw invalid(`The image ${path} is no JPEG or PNG.`)
  }
}

export function invalid(message: string): HooklineError {
  return new HooklineError('message_invalid', message)
}
