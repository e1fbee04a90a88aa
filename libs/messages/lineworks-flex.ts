/**
 * The flexible template of LINE WORKS, for `native.lineworks`. All of its types are exported by `hookline`.
 *
 * @module lineworks-flex
 */
import type { AtMost } from '#libs/contract'
import type { LineworksFlexAction } from './lineworks-content'

// LINE WORKS' Flexible Template [doc bot-send-flex-*]. It resembles LINE's Flex Message but is not the same: no deca
// or hecto bubbles, no video, no datetime picker, no scaling, gradients or maximum widths.

export type LineworksFlexContainer = LineworksFlexBubble | LineworksFlexCarousel

/** Its JSON has at most 30 KB. */
export interface LineworksFlexBubble {
  type: 'bubble'
  /** `mega` when absent. In a carousel all have the same. */
  size?: 'nano' | 'micro' | 'kilo' | 'mega' | 'giga'
  direction?: 'ltr' | 'rtl'
  header?: LineworksFlexBox
  hero?: LineworksFlexBox | LineworksFlexImage
  body?: LineworksFlexBox
  footer?: LineworksFlexBox
  styles?: Partial<Record<'header' | 'hero' | 'body' | 'footer', LineworksFlexBlockStyle>>
  action?: LineworksFlexAction
}

/** At most ten bubbles; its JSON has at most 30 KB. */
export interface LineworksFlexCarousel {
  type: 'carousel'
  contents: AtMost<10, LineworksFlexBubble>
}

export interface LineworksFlexBlockStyle {
  backgroundColor?: Color
  separator?: boolean
  separatorColor?: Color
}

type Color = `#${string}`
type Pixels = `${number}px`
type Percent = `${number}%`
type Space = 'none' | 'xs' | 'sm' | 'md' | 'lg' | 'xl' | 'xxl'
type TextSize = 'xxs' | 'xs' | 'sm' | 'md' | 'lg' | 'xl' | 'xxl' | '3xl' | '4xl' | '5xl'

interface Placed {
  flex?: number
  margin?: Space | Pixels
  position?: 'relative' | 'absolute'
  offsetTop?: Space | Pixels | Percent
  offsetBottom?: Space | Pixels | Percent
  offsetStart?: Space | Pixels | Percent
  offsetEnd?: Space | Pixels | Percent
}

export type LineworksFlexComponent =
  | LineworksFlexBox
  | LineworksFlexButton
  | LineworksFlexImage
  | LineworksFlexIcon
  | LineworksFlexText
  | LineworksFlexSeparator
  | LineworksFlexFiller

export interface LineworksFlexBox extends Placed {
  type: 'box'
  /** Icons stand in `baseline` boxes only; these take no box, button, image or separator. */
  layout: 'horizontal' | 'vertical' | 'baseline'
  contents: readonly LineworksFlexComponent[]
  backgroundColor?: Color
  borderColor?: Color
  borderWidth?: 'none' | 'light' | 'normal' | 'medium' | 'semi-bold' | 'bold' | Pixels
  cornerRadius?: Space | Pixels
  width?: Pixels | Percent
  height?: Pixels | Percent
  spacing?: Space | Pixels
  paddingAll?: Space | Pixels | Percent
  paddingTop?: Space | Pixels | Percent
  paddingBottom?: Space | Pixels | Percent
  paddingStart?: Space | Pixels | Percent
  paddingEnd?: Space | Pixels | Percent
  action?: LineworksFlexAction
}

export interface LineworksFlexButton extends Placed {
  type: 'button'
  action: LineworksFlexAction
  height?: 'sm' | 'md'
  style?: 'primary' | 'secondary' | 'link'
  color?: Color
  gravity?: 'top' | 'bottom' | 'center'
}

/** PNG or JPEG, https, at most 1,000 characters. */
export interface LineworksFlexImage extends Placed {
  type: 'image'
  url: string
  align?: 'start' | 'end' | 'center'
  gravity?: 'top' | 'bottom' | 'center'
  size?: TextSize | 'full'
  aspectRatio?: `${number}:${number}`
  aspectMode?: 'cover' | 'fit'
  backgroundColor?: Color
  action?: LineworksFlexAction
}

export interface LineworksFlexIcon extends Omit<Placed, 'flex'> {
  type: 'icon'
  url: string
  size?: TextSize
  aspectRatio?: `${number}:${number}`
}

/** Either `text` or `contents`. */
export interface LineworksFlexText extends Placed {
  type: 'text'
  text?: string
  contents?: readonly LineworksFlexSpan[]
  size?: TextSize
  align?: 'start' | 'end' | 'center'
  gravity?: 'top' | 'bottom' | 'center'
  wrap?: boolean
  maxLines?: number
  weight?: 'regular' | 'bold'
  color?: Color
  style?: 'normal' | 'italic'
  decoration?: 'none' | 'underline' | 'line-through'
  action?: LineworksFlexAction
}

export interface LineworksFlexSpan {
  type: 'span'
  text: string
  color?: Color
  size?: TextSize
  weight?: 'regular' | 'bold'
  style?: 'normal' | 'italic'
  decoration?: 'none' | 'underline' | 'line-through'
}

export interface LineworksFlexSeparator {
  type: 'separator'
  margin?: Space | Pixels
  color?: Color
}

export interface LineworksFlexFiller {
  type: 'filler'
  flex?: number
}
