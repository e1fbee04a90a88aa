/**
 * The message objects of LINE, for `native.line`. All of them are exported by `hookline`.
 *
 * @module line-messages
 */

import type { messagingApi as sdk } from '@line/bot-sdk'
import type { AtMost } from '#libs/contract'

/**
 * LINE's message objects [doc R#message-objects]. They rest on the types of LINE's own SDK, which are generated
 * from its OpenAPI description. That description calls nearly everything optional and takes any action anywhere:
 * those parts are written here as the reference has them.
 *
 * Limits that a type can't know (lengths, counts of a list made at run time) are checked by `native.line`.
 */
export type LineMessage =
  | LineTextMessage
  | LineTextV2Message
  | LineStickerMessage
  | LineImageMessage
  | LineVideoMessage
  | LineAudioMessage
  | LineLocationMessage
  | LineCouponMessage
  | LineImagemapMessage
  | LineTemplateMessage
  | LineFlexMessage

/** What every message may carry. */
export interface LineMessageBase {
  quickReply?: LineQuickReply
  sender?: LineSender
}

/** Shown in the place of the account's name and icon. */
export interface LineSender {
  /** At most 20 characters, without the word `LINE`. */
  name?: string
  /** https, PNG, at most 1 MB. */
  iconUrl?: string
}

/** Only the one of the last message of a call is shown; it disappears once used. */
export interface LineQuickReply {
  /** At most 13. */
  items: AtMost<13, LineQuickReplyItem>
}

export interface LineQuickReplyItem {
  type: 'action'
  /** https, PNG, at most 1 MB. */
  imageUrl?: string
  /** Its label: at most 20 characters. */
  action: LineQuickReplyAction
}

export interface LineTextMessage extends LineMessageBase {
  type: 'text'
  /** At most 5000 UTF-16 units. */
  text: string
  /** At most 20; each stands at a `$` of the text. */
  emojis?: AtMost<20, LineEmoji>
  /** Of the message that this one quotes, in the same chat. */
  quoteToken?: string
}

export interface LineEmoji {
  /** Where the `$` is, in UTF-16 units. */
  index: number
  productId: string
  emojiId: string
}

/** Text with `{name}` in the place of mentions and emojis; `{{` and `}}` are braces. */
export interface LineTextV2Message extends LineMessageBase {
  type: 'textV2'
  /** At most 5000 UTF-16 units. */
  text: string
  /** What stands for which `{name}`: at most 100, among them at most 20 mentions and 20 emojis. */
  substitution?: Record<string, LineSubstitution>
  /** Of the message that this one quotes, in the same chat. */
  quoteToken?: string
}

export type LineSubstitution =
  /** In groups and rooms only. */
  | { type: 'mention'; mentionee: { type: 'user'; userId: string } | { type: 'all' } }
  | { type: 'emoji'; productId: string; emojiId: string }

export interface LineStickerMessage extends LineMessageBase {
  type: 'sticker'
  packageId: string
  stickerId: string
  quoteToken?: string
}

export interface LineImageMessage extends LineMessageBase {
  type: 'image'
  /** https, JPEG or PNG, at most 10 MB. */
  originalContentUrl: string
  /** https, JPEG or PNG, at most 1 MB. */
  previewImageUrl: string
}

export interface LineVideoMessage extends LineMessageBase {
  type: 'video'
  /** https, mp4, at most 200 MB. */
  originalContentUrl: string
  /** https, JPEG or PNG, at most 1 MB. */
  previewImageUrl: string
  /** Comes back in the `videoPlayComplete` event. At most 100 characters; not in groups and rooms. */
  trackingId?: string
}

export interface LineAudioMessage extends LineMessageBase {
  type: 'audio'
  /** https, mp3 or m4a, at most 200 MB. */
  originalContentUrl: string
  /** Milliseconds. */
  duration: number
}

export interface LineLocationMessage extends LineMessageBase {
  type: 'location'
  /** At most 100 characters. */
  title: string
  /** At most 100 characters. */
  address: string
  latitude: number
  longitude: number
}

export interface LineCouponMessage extends LineMessageBase {
  type: 'coupon'
  couponId: string
  /** At most 30 of `A-Z a-z 0-9 _`. */
  deliveryTag?: string
}

export interface LineImagemapMessage extends LineMessageBase {
  type: 'imagemap'
  /** https, without an extension: the app appends `/240`, `/300`, `/460`, `/700` or `/1040`. */
  baseUrl: string
  /** At most 1500 characters. */
  altText: string
  baseSize: { width: 1040; height: number }
  /** At most 50. */
  actions: AtMost<50, LineImagemapAction>
  video?: LineImagemapVideo
}

export type LineImagemapAction = { area: sdk.ImagemapArea; label?: string } & (
  | { type: 'uri'; linkUri: string }
  /** At most 400 characters. */
  | { type: 'message'; text: string }
  /** At most 1000 characters. */
  | { type: 'clipboard'; clipboardText: string }
)

export interface LineImagemapVideo {
  originalContentUrl: string
  previewImageUrl: string
  area: sdk.ImagemapArea
  /** Shown when the video is over. The label: at most 30 characters. */
  externalLink?: { linkUri: string; label: string }
}

export interface LineTemplateMessage extends LineMessageBase {
  type: 'template'
  /** At most 1500 characters. */
  altText: string
  template: LineTemplate
}

export type LineTemplate =
  LineButtonsTemplate | LineConfirmTemplate | LineCarouselTemplate | LineImageCarouselTemplate

export interface LineButtonsTemplate extends LineTemplateImage {
  type: 'buttons'
  thumbnailImageUrl?: string
  imageBackgroundColor?: string
  /** At most 40 characters. */
  title?: string
  /** At most 160 characters, 60 with an image or a title. */
  text: string
  /** What a tap beside the buttons does. */
  defaultAction?: LineAction
  /** One to four. */
  actions: AtMost<4, Labelled>
}

export interface LineConfirmTemplate {
  type: 'confirm'
  /** At most 240 characters. */
  text: string
  /** Exactly two. */
  actions: readonly [Labelled, Labelled]
}

export interface LineCarouselTemplate extends LineTemplateImage {
  type: 'carousel'
  /** At most ten, alike: all with an image or none, all with a title or none, with the same number of actions. */
  columns: AtMost<10, LineCarouselColumn>
}

export interface LineCarouselColumn {
  thumbnailImageUrl?: string
  imageBackgroundColor?: string
  /** At most 40 characters. */
  title?: string
  /** At most 120 characters, 60 with an image or a title. */
  text: string
  defaultAction?: LineAction
  /** One to three. */
  actions: AtMost<3, Labelled>
}

export interface LineImageCarouselTemplate {
  type: 'image_carousel'
  /** At most ten. Labels: at most 12 characters. */
  columns: AtMost<10, { imageUrl: string; action: LineAction }>
}

interface LineTemplateImage {
  imageAspectRatio?: sdk.TemplateImageAspectRatio
  imageSize?: sdk.TemplateImageSize
}

export interface LineFlexMessage extends LineMessageBase {
  type: 'flex'
  /** At most 1500 characters. */
  altText: string
  contents: LineFlexBubble | LineFlexCarousel
}

/** At most 30 KB as JSON. */
export interface LineFlexBubble extends Omit<sdk.FlexBubble, FlexInner> {
  header?: LineFlexBox
  hero?: LineFlexComponent
  body?: LineFlexBox
  footer?: LineFlexBox
  action?: LineAction
}

/** At most 50 KB as JSON. */
export interface LineFlexCarousel {
  type: 'carousel'
  /** At most twelve, of one `size`. */
  contents: AtMost<12, LineFlexBubble>
}

export type LineFlexComponent =
  | LineFlexBox
  | LineFlexButton
  | LineFlexImage
  | LineFlexVideo
  | LineFlexText
  | sdk.FlexIcon
  | sdk.FlexSpan
  | sdk.FlexSeparator
  | sdk.FlexFiller

/** The parts that hold an action or other components. */
type FlexInner = 'action' | 'contents' | 'altContent' | 'header' | 'hero' | 'body' | 'footer'

export interface LineFlexBox extends Omit<sdk.FlexBox, FlexInner> {
  contents: readonly LineFlexComponent[]
  action?: LineAction
}

/** Its action's label: at most 40 characters. */
export interface LineFlexButton extends Omit<sdk.FlexButton, FlexInner> {
  action: Labelled
}

export interface LineFlexImage extends Omit<sdk.FlexImage, FlexInner> {
  action?: LineAction
}

export interface LineFlexVideo extends Omit<sdk.FlexVideo, FlexInner> {
  /** Shown where the video can't be. */
  altContent: LineFlexBox | LineFlexImage
  action?: LineAction
}

export interface LineFlexText extends Omit<sdk.FlexText, FlexInner> {
  contents?: readonly sdk.FlexSpan[]
  action?: LineAction
}

/** What a tap does, in templates and flex messages [doc R#action-objects]. */
export type LineAction =
  LinePostbackAction | LineMessageAction | LineUriAction | LineDatetimePickerAction | LineClipboardAction

/** Quick replies have these too, on phones. */
export type LineQuickReplyAction =
  | Labelled
  | { type: 'camera'; label: string }
  | { type: 'cameraRoll'; label: string }
  | { type: 'location'; label: string }

/** Rich menus switch to another one too. */
export type LineRichMenuAction = LineAction | LineRichMenuSwitchAction

type Labelled = LineAction & { label: string }

interface LineActionBase {
  /** Required on buttons; at most 20 characters, 12 in an image carousel, 40 in a flex message. */
  label?: string
}

export interface LinePostbackAction extends LineActionBase {
  type: 'postback'
  /** At most 300 characters. Comes back in the `postback` event. */
  data: string
  /** Shown as said by the user. At most 300 characters. */
  displayText?: string
  /** @deprecated By LINE: use `displayText`. */
  text?: string
  inputOption?: sdk.PostbackAction.InputOptionEnum
  /** With `openKeyboard` only. At most 300 characters. */
  fillInText?: string
}

export interface LineMessageAction extends LineActionBase {
  type: 'message'
  /** Said as the user. At most 300 characters. */
  text: string
}

export interface LineUriAction extends LineActionBase {
  type: 'uri'
  /** `http`, `https`, `line` or `tel`; at most 1000 characters. */
  uri: string
  /** Opened by LINE for desktops instead. */
  altUri?: { desktop: string }
}

/** `initial`, `min`, `max`: `2026-10-01`, `10:30`, `2026-10-01T10:30`, after the mode; 1900 to 2100. */
export interface LineDatetimePickerAction extends LineActionBase {
  type: 'datetimepicker'
  /** At most 300 characters. Comes back in the `postback` event, with what was picked. */
  data: string
  mode: sdk.DatetimePickerAction.ModeEnum
  initial?: string
  min?: string
  max?: string
}

export interface LineClipboardAction extends LineActionBase {
  type: 'clipboard'
  /** At most 1000 characters. */
  clipboardText: string
}

export interface LineRichMenuSwitchAction extends LineActionBase {
  type: 'richmenuswitch'
  /** At most 32 of `a-z 0-9 _ -`. */
  richMenuAliasId: string
  /** At most 300 characters. */
  data: string
}
