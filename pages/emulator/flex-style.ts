import { isRecord, number, record, text, type Json } from './read'

/*
 * From properties of flex messages to CSS. Keywords and their growing order are documented [doc R#flex-message]; the
 * pixels are those of LINE's own previews.
 */

const fonts: Record<string, number> = {
  xxs: 11,
  xs: 13,
  sm: 14,
  md: 16,
  lg: 19,
  xl: 22,
  xxl: 29,
  '3xl': 35,
  '4xl': 48,
  '5xl': 74,
}
const images: Record<string, number> = {
  xxs: 40,
  xs: 60,
  sm: 80,
  md: 100,
  lg: 120,
  xl: 140,
  xxl: 160,
  '3xl': 180,
  '4xl': 200,
  '5xl': 220,
}
const spaces: Record<string, number> = { none: 0, xs: 2, sm: 4, md: 8, lg: 12, xl: 16, xxl: 20 }
const borders: Record<string, number> = {
  none: 0,
  light: 0.5,
  normal: 1,
  medium: 2,
  'semi-bold': 3,
  bold: 4,
}
const bubbles: Record<string, number> = {
  nano: 120,
  micro: 160,
  deca: 220,
  hecto: 241,
  kilo: 260,
  mega: 300,
  giga: 386,
}

/** What Preact takes as `style`. */
export type Style = Partial<Record<string, string | number>>

/** `12px`, `5%`, or a keyword of the scale; anything else is none of the documented forms. */
function size(value: unknown, scale: Record<string, number>): string | undefined {
  const words = text(value)
  if (/^\d+(\.\d+)?(px|%)$/.test(words)) return words
  return Object.hasOwn(scale, words) ? `${scale[words] ?? 0}px` : undefined
}

export const fontSize = (value: unknown): string => size(value, fonts) ?? '16px'
export const space = (value: unknown): string | undefined => size(value, spaces)
export const borderWidth = (value: unknown): string | undefined => size(value, borders)
export const imageWidth = (value: unknown): string =>
  value === 'full' ? '100%' : (size(value, images) ?? '100px')
export const bubbleWidth = (value: unknown): string => size(value, bubbles) ?? '300px'

/** Only hexadecimal colours are documented; nothing else gets into the page's styles. */
export function color(value: unknown): string | undefined {
  const words = text(value)
  return /^#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$/i.test(words) ? words : undefined
}

/** `20:13`; the height is at most three times the width. */
export function aspectRatio(value: unknown): number {
  const [width, height] = text(value).split(':').map(Number)
  return width && height && width > 0 && height > 0 ? Math.max(width / height, 1 / 3) : 1
}

export function gradient(value: unknown): string | undefined {
  const { type, angle, startColor, endColor, centerColor, centerPosition } = record(value)
  const [start, center, end] = [color(startColor), color(centerColor), color(endColor)]
  if (type !== 'linearGradient' || !start || !end || !/^\d+(\.\d+)?deg$/.test(text(angle))) return undefined
  const position = /^\d+(\.\d+)?%$/.test(text(centerPosition)) ? text(centerPosition) : '50%'
  return `linear-gradient(${[text(angle), start, ...(center ? [`${center} ${position}`] : []), end].join(', ')})`
}

/** The box that a component stands in. */
export interface Place {
  layout: string
  /** `spacing` of the box; of no meaning for its first component. */
  spacing?: unknown
  first: boolean
}

/** How a component takes its place in its box: share, distance to the one before, offsets. */
export function itemStyle(component: Json, place: Place): Style {
  const absolute = component.position === 'absolute'
  return {
    ...(absolute ? { position: 'absolute' } : { position: 'relative', ...shared(component, place) }),
    ...offsets(component),
  }
}

function shared(component: Json, { layout, spacing, first }: Place): Style {
  const gap = first || component.type === 'filler' ? undefined : space(component.margin ?? spacing)
  if (layout === 'vertical') {
    return { flex: verticalShare(component), ...(gap ? { marginTop: gap } : {}) }
  }
  return {
    flex: horizontalShare(component),
    minWidth: 0,
    ...(gap ? { marginInlineStart: gap } : {}),
    ...(layout === 'horizontal' ? gravity(component) : {}),
  }
}

function verticalShare(component: Json): string {
  const share = number(component.flex) ?? (component.type === 'filler' ? 1 : 0)
  return share > 0 ? `${share} 0 auto` : 'none'
}

/** Icons and separators keep their size, and so does a box with a width. */
function horizontalShare({ type, flex, width }: Json): string {
  const share = number(flex) ?? (type === 'icon' || type === 'separator' || width !== undefined ? 0 : 1)
  return share > 0 ? `${share} 0 0` : 'none'
}

function gravity(component: Json): Style {
  const places: Record<string, string> = { top: 'flex-start', center: 'center', bottom: 'flex-end' }
  const place = places[text(component.gravity)]
  return place === undefined || component.type === 'box' ? {} : { alignSelf: place }
}

function offsets(component: Json): Style {
  const sides = { offsetTop: 'top', offsetBottom: 'bottom', offsetStart: 'left', offsetEnd: 'right' } as const
  return Object.fromEntries(
    Object.entries(sides).flatMap(([name, side]) => {
      const value = space(component[name])
      return value === undefined ? [] : [[side, value]]
    }),
  )
}

/** The box itself; `padding` is what its block has when nothing is said. */
export function boxStyle(box: Json, padding?: string): Style {
  const vertical = box.layout === 'vertical'
  return compact({
    display: 'flex',
    flexDirection: vertical ? 'column' : 'row',
    padding: space(box.paddingAll) ?? padding,
    paddingTop: space(box.paddingTop),
    paddingBottom: space(box.paddingBottom),
    paddingInlineStart: space(box.paddingStart),
    paddingInlineEnd: space(box.paddingEnd),
    width: space(box.width),
    height: space(box.height),
    maxWidth: space(box.maxWidth),
    maxHeight: space(box.maxHeight),
    background: gradient(box.background) ?? color(box.backgroundColor),
    ...borderStyle(box),
    borderRadius: space(box.cornerRadius),
    justifyContent: among(box.justifyContent, justify),
    alignItems: box.layout === 'baseline' ? 'baseline' : among(box.alignItems, align),
    overflow: 'hidden',
  })
}

const justify = ['center', 'flex-start', 'flex-end', 'space-between', 'space-around', 'space-evenly']
const align = ['center', 'flex-start', 'flex-end']

function among(value: unknown, allowed: string[]): string | undefined {
  return allowed.find((each) => each === value)
}

function borderStyle({ borderWidth: width, borderColor }: Json): Style {
  const thick = borderWidth(width)
  return thick === undefined
    ? {}
    : { borderStyle: 'solid', borderWidth: thick, borderColor: color(borderColor) ?? 'transparent' }
}

/** Of a text or a span; a span has only what it says itself. */
export function letterStyle(letters: Json, defaults: Style = {}): Style {
  const weights: Record<string, number> = { regular: 400, bold: 700 }
  return compact({
    ...defaults,
    ...(letters.size === undefined ? {} : { fontSize: fontSize(letters.size) }),
    ...(color(letters.color) === undefined ? {} : { color: color(letters.color) }),
    fontWeight: weights[text(letters.weight)],
    fontStyle: letters.style === 'italic' ? 'italic' : undefined,
    textDecoration: among(letters.decoration, ['underline', 'line-through']),
  })
}

export function textStyle(component: Json): Style {
  const lines = number(component.maxLines) ?? 0
  const aligned: Record<string, string> = { start: 'start', end: 'end', center: 'center' }
  return compact({
    ...letterStyle(component, { fontSize: '16px', color: '#111111' }),
    textAlign: aligned[text(component.align)],
    ...(space(component.lineSpacing) ? { lineHeight: `calc(1.4em + ${text(component.lineSpacing)})` } : {}),
    ...(component.wrap === true
      ? { whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }
      : { whiteSpace: 'nowrap', textOverflow: 'ellipsis', overflow: 'hidden' }),
    ...(component.wrap === true && lines > 0
      ? { display: '-webkit-box', WebkitBoxOrient: 'vertical', WebkitLineClamp: lines, overflow: 'hidden' }
      : {}),
  })
}

/** What the blocks of a bubble are padded with unless their boxes say otherwise. */
export function blockPadding(block: 'header' | 'hero' | 'body' | 'footer', bubble: Json): string {
  const small = ['nano', 'micro'].includes(text(bubble.size))
  const kilo = ['kilo', 'deca', 'hecto'].includes(text(bubble.size))
  if (block === 'hero') return '0'
  if (block === 'footer' || small) return '10px'
  if (kilo) return '13px'
  return block === 'body' && isRecord(bubble.footer) ? '19px 20px 10px' : '20px'
}

function compact(style: Record<string, string | number | undefined>): Style {
  return Object.fromEntries(Object.entries(style).filter(([, value]) => value !== undefined))
}
