import type { ComponentChildren } from 'preact'
import { useLanguage, useWords } from '../shared/i18n'
import { labelOf, translated } from './action'
import {
  aspectRatio,
  blockPadding,
  boxStyle,
  bubbleWidth,
  color,
  fontSize,
  imageWidth,
  itemStyle,
  letterStyle,
  textStyle,
  type Place,
  type Style,
} from './flex-style'
import { Picture, RawJson, Segments, Tappable, Video } from './pieces'
import { record, records, text, type Json } from './read'
import { lineworksSegments } from './segments'
import { useChatting } from './tapping'
import { words } from './words'
import './flex.css'

/** The contents of a flex message: a bubble, or a carousel of bubbles. */
export function Flex({ contents, altText }: { contents: Json; altText: string }) {
  const t = useWords(words)
  if (contents.type === 'bubble') {
    return (
      <div role="group" aria-label={altText}>
        <Bubble bubble={contents} altText={altText} />
      </div>
    )
  }
  if (contents.type !== 'carousel') return <RawJson value={contents} />
  return (
    <div class="strip" role="group" aria-label={`${altText}: ${t('cards')}`} tabIndex={0}>
      {records(contents.contents).map((bubble, i) => (
        <Bubble key={i} bubble={bubble} altText={altText} />
      ))}
    </div>
  )
}

const blocks = ['header', 'hero', 'body', 'footer'] as const

function Bubble({ bubble, altText }: { bubble: Json; altText: string }) {
  if (bubble.type !== 'bubble') return <RawJson value={bubble} />
  return (
    <Tappable
      action={bubble.action}
      class="flex-bubble"
      label={altText}
      style={{ width: bubbleWidth(bubble.size), direction: bubble.direction === 'rtl' ? 'rtl' : 'ltr' }}
    >
      {blocks.map((name) => bubble[name] !== undefined && <Block key={name} name={name} bubble={bubble} />)}
    </Tappable>
  )
}

function Block({ name, bubble }: { name: (typeof blocks)[number]; bubble: Json }) {
  const style = record(record(bubble.styles)[name])
  const ruled = style.separator === true
  return (
    <div
      class={`flex-block ${name}`}
      style={{
        ...(color(style.backgroundColor) ? { backgroundColor: color(style.backgroundColor) } : {}),
        ...(ruled ? { borderTop: `1px solid ${color(style.separatorColor) ?? '#d4d6da'}` } : {}),
      }}
    >
      <Component
        component={record(bubble[name])}
        place={{ layout: 'vertical', first: true }}
        padding={blockPadding(name, bubble)}
      />
    </div>
  )
}

interface ComponentProps {
  component: Json
  place: Place
  /** Of the outermost box of a block. */
  padding?: string
}

function Component({ component, place, padding }: ComponentProps) {
  const item = itemStyle(component, place)
  switch (component.type) {
    case 'box':
      return (
        <Tappable action={component.action} style={{ ...item, ...boxStyle(component, padding) }}>
          <Children box={component} />
        </Tappable>
      )
    case 'text':
      return <Text component={component} item={item} />
    case 'button':
      return <FlexButton component={component} item={item} />
    case 'image':
      return <FlexImage component={component} item={item} />
    case 'icon':
      return <Icon component={component} item={item} />
    case 'video':
      return (
        <div style={item}>
          <Video preview={text(component.previewUrl)} ratio={aspectRatio(component.aspectRatio)} />
        </div>
      )
    case 'separator':
      return <Separator component={component} place={place} item={item} />
    case 'filler':
    case 'spacer':
      return <div style={item} />
    default:
      return <RawJson value={component} />
  }
}

function Children({ box }: { box: Json }): ComponentChildren {
  const layout = text(box.layout)
  return records(box.contents).map((child, i) => (
    <Component key={i} component={child} place={{ layout, spacing: box.spacing, first: i === 0 }} />
  ))
}

interface ItemProps {
  component: Json
  item: Style
}

function Text({ component, item }: ItemProps) {
  const words = useFlexWords()
  const spans = records(component.contents)
  return (
    <Tappable action={component.action} style={{ ...item }} label={text(component.text)}>
      <div class="flex-text" style={textStyle(component)}>
        {spans.length === 0
          ? words(component)
          : spans.map((span, i) => (
              <span key={i} style={letterStyle(span)}>
                {words(span)}
              </span>
            ))}
      </div>
    </Tappable>
  )
}

/** LINE WORKS has translations and mentions in the texts of flex messages too. */
function useFlexWords() {
  const { platform, nameOf } = useChatting()
  const language = useLanguage()
  return (holder: Json): ComponentChildren => {
    if (platform !== 'lineworks') return text(holder.text)
    const own = translated(holder, { field: 'text', list: 'i18nTexts', language })
    return <Segments of={lineworksSegments(own, nameOf)} />
  }
}

function FlexButton({ component, item }: ItemProps) {
  const language = useLanguage()
  const { tap } = useChatting()
  const action = record(component.action)
  const style = text(component.style) || 'link'
  const own = color(component.color)
  return (
    <div style={{ ...item }}>
      <button
        type="button"
        class={`flex-button ${style} ${component.height === 'sm' ? 'sm' : ''}`}
        style={own ? (style === 'link' ? { color: own } : { backgroundColor: own }) : {}}
        onClick={(event) => {
          event.stopPropagation()
          tap(action)
        }}
      >
        {labelOf(action, language)}
      </button>
    </div>
  )
}

function FlexImage({ component, item }: ItemProps) {
  const sides: Record<string, string> = { start: 'flex-start', end: 'flex-end' }
  const background = color(component.backgroundColor)
  return (
    <Tappable
      action={component.action}
      class="flex-image"
      style={{ ...item, alignItems: sides[text(component.align)] ?? 'center' }}
    >
      <Picture
        url={text(component.url)}
        ratio={aspectRatio(component.aspectRatio)}
        fit={component.aspectMode === 'cover' ? 'cover' : 'contain'}
        style={{ width: imageWidth(component.size), ...(background ? { backgroundColor: background } : {}) }}
      />
    </Tappable>
  )
}

function Icon({ component, item }: ItemProps) {
  const ratio = aspectRatio(component.aspectRatio)
  const height = fontSize(component.size)
  return (
    <div class="flex-icon" style={{ ...item, height, width: `calc(${height} * ${ratio})` }}>
      <Picture url={text(component.url)} ratio={ratio} fit="contain" />
    </div>
  )
}

function Separator({ component, place, item }: ItemProps & { place: Place }) {
  const line = `1px solid ${color(component.color) ?? '#d4d6da'}`
  const side = place.layout === 'vertical' ? { borderTop: line } : { borderLeft: line, alignSelf: 'stretch' }
  return <div style={{ ...item, flex: 'none', ...side }} />
}
