/**
 * The message contents of LINE WORKS, for `native.lineworks`. All of them are exported by `hookline`.
 *
 * @module lineworks-messages
 */

import type { AtMost } from '#libs/contract'
import type { LineworksFlexContainer } from './lineworks-flex'

export type LineworksLanguage = 'ja_JP' | 'ko_KR' | 'zh_CN' | 'zh_TW' | 'en_US'

/** The same field in other languages: the client shows the one of its own language. */
export type Translated<Field extends string> = readonly ({ language: LineworksLanguage } & Record<
  Field,
  string
>)[]

/** A picture of one's own server, or one that was uploaded before: never both. https, at most 1,000 characters. */
type UrlOrFile<Fields extends string = 'originalContentUrl'> =
  (Record<Fields, string> & { fileId?: never }) | ({ fileId: string } & Partial<Record<Fields, never>>)

type Simplify<T> = { [K in keyof T]: T[K] }

// Actions [doc bot-actionobject]

/** Comes back as a `postback` event. Not in button and list templates. */
export interface LineworksPostbackAction {
  type: 'postback'
  /** At most 20 characters, 12 in an image carousel. */
  label: string
  /** At most 300 characters. */
  data: string
  /** What the chat shows as said by the user; at most 300. Required in quick replies. */
  displayText?: string
  i18nLabels?: Translated<'label'>
  i18nDisplayTexts?: Translated<'displayText'>
}

/** Says `text`, else the label, as the user: a `text` event, with `postback` if there is one. */
export interface LineworksMessageAction {
  type: 'message'
  label: string
  /** At most 300 characters. */
  text?: string
  /** At most 1,000 characters. */
  postback?: string
  i18nLabels?: Translated<'label'>
  i18nTexts?: Translated<'text'>
}

export interface LineworksUriAction {
  type: 'uri'
  label: string
  /** At most 1,000 characters. */
  uri: string
  i18nLabels?: Translated<'label'>
}

/** Puts a text on the user's clipboard. */
export interface LineworksCopyAction {
  type: 'copy'
  label: string
  /** At most 1,000 characters. */
  copyText: string
  i18nLabels?: Translated<'label'>
}

/** In quick replies only, on phones. */
export interface LineworksPhoneAction {
  type: 'camera' | 'cameraRoll' | 'location'
  label: string
  i18nLabels?: Translated<'label'>
}

/** What button and list templates and the persistent menu take. */
export type LineworksButtonAction = LineworksMessageAction | LineworksUriAction | LineworksCopyAction
/** What carousels, image carousels and rich menus take. */
export type LineworksCardAction = LineworksPostbackAction | LineworksButtonAction
/** The sheet of actions does not name the flexible template; its examples have message and uri actions. */
export type LineworksFlexAction = WithoutLabel<LineworksCardAction>
/** Beside postbacks with a `displayText` and those of phones, what buttons take. */
export type LineworksQuickReplyAction =
  (LineworksPostbackAction & { displayText: string }) | LineworksButtonAction | LineworksPhoneAction

type WithoutLabel<A> = A extends { label: string } ? Simplify<Omit<A, 'label'> & { label?: string }> : never

/** At most 13 choices above the keyboard [doc bot-quickreply]. */
export interface LineworksQuickReply {
  items: AtMost<13, LineworksQuickReplyItem>
}

export interface LineworksQuickReplyItem {
  action: LineworksQuickReplyAction
  /** PNG, https, at most 1 MB and 1,000 characters; never with `imageResourceId`. */
  imageUrl?: string
  imageResourceId?: string
  i18nImageUrl?: Translated<'thumbnailImageUrl'>
  i18nImageResourceIds?: Translated<'imageResourceId'>
}

interface Base {
  quickReply?: LineworksQuickReply
}

// Contents [doc bot-send-content]

/** At most 2,000 characters. Mentions: `mention(userId)`; foreign text: `withoutTags(text)`. */
export interface LineworksText extends Base {
  type: 'text'
  text: string
  i18nTexts?: Translated<'text'>
}

export interface LineworksSticker extends Base {
  type: 'sticker'
  packageId: string
  stickerId: string
}

/** `previewImageUrl` is a PNG. */
export type LineworksImage = Base & { type: 'image' } & UrlOrFile<'previewImageUrl' | 'originalContentUrl'>
export type LineworksVideo = Base & { type: 'video' } & UrlOrFile<'previewImageUrl' | 'originalContentUrl'>
/** WAV plays everywhere; M4A has no play button on phones, some MP3 are refused [seen]. */
export type LineworksAudio = Base & { type: 'audio' } & UrlOrFile
export type LineworksFile = Base & { type: 'file' } & UrlOrFile

/** Texts and link at most 1,000 characters each. */
export interface LineworksLink extends Base {
  type: 'link'
  contentText: string
  linkText: string
  link: string
  i18nContentTexts?: Translated<'contentText'>
  i18nLinkTexts?: Translated<'linkText'>
}

/** `title` and `address` at most 100 characters. */
export interface LineworksLocation extends Base {
  type: 'location'
  title: string
  address: string
  latitude: number
  longitude: number
}

/** A text of at most 1,000 characters with one to ten buttons. */
export interface LineworksButtonTemplate extends Base {
  type: 'button_template'
  contentText: string
  i18nContentTexts?: Translated<'contentText'>
  actions: AtMost<10, LineworksButtonAction>
}

/** One to four rows, below them at most two rows of at most two buttons. */
export interface LineworksListTemplate extends Base {
  type: 'list_template'
  coverData?: LineworksListCover
  elements: AtMost<4, LineworksListElement>
  actions?: AtMost<2, AtMost<2, LineworksButtonAction>>
}

/** Texts at most 1,000 characters; the picture is a PNG (https) or an uploaded file. */
export type LineworksListCover = {
  title?: string
  subtitle?: string
  i18nBackgroundImageUrls?: Translated<'backgroundImageUrl'>
  i18nBackgroundFileIds?: Translated<'backgroundFileId'>
  i18nTitles?: Translated<'title'>
  i18nSubtitles?: Translated<'subtitle'>
} & (
  | { backgroundImageUrl: string; backgroundFileId?: never }
  | { backgroundFileId: string; backgroundImageUrl?: never }
)

interface Pictured {
  /** PNG, https; never with `fileId`. */
  originalContentUrl?: string
  fileId?: string
  i18nOriginalContentUrls?: Translated<'originalContentUrl'>
  i18nFileIds?: Translated<'fileId'>
}

export interface LineworksListElement extends Pictured {
  title: string
  subtitle?: string
  action?: LineworksButtonAction
  i18nTitles?: Translated<'title'>
  i18nSubtitles?: Translated<'subtitle'>
}

/** One to ten columns with the same number of actions; title and picture in all or in none. */
export interface LineworksCarousel extends Base {
  type: 'carousel'
  /** 1.51:1 (`rectangle`) when absent. */
  imageAspectRatio?: 'rectangle' | 'square'
  imageSize?: 'cover' | 'contain'
  columns: AtMost<10, LineworksColumn>
}

export interface LineworksColumn extends Pictured {
  /** At most 40 characters. */
  title?: string
  /** At most 120 characters, 60 beside a title or a picture. */
  text: string
  defaultAction?: WithoutLabel<LineworksCardAction>
  actions: AtMost<3, LineworksCardAction>
  i18nTitles?: Translated<'title'>
  i18nTexts?: Translated<'text'>
}

/** One to ten pictures; labels of at most 12 characters. */
export interface LineworksImageCarousel extends Base {
  type: 'image_carousel'
  columns: AtMost<10, LineworksImageColumn>
}

export type LineworksImageColumn = UrlOrFile & {
  action?: LineworksCardAction
  i18nOriginalContentUrls?: Translated<'originalContentUrl'>
  i18nFileIds?: Translated<'fileId'>
}

/** `altText` at most 400 characters. */
export interface LineworksFlex extends Base {
  type: 'flex'
  altText: string
  contents: LineworksFlexContainer
}

/** The `content` of one LINE WORKS message. */
export type LineworksContent =
  | LineworksText
  | LineworksSticker
  | LineworksImage
  | LineworksVideo
  | LineworksAudio
  | LineworksFile
  | LineworksLink
  | LineworksLocation
  | LineworksButtonTemplate
  | LineworksListTemplate
  | LineworksCarousel
  | LineworksImageCarousel
  | LineworksFlex
