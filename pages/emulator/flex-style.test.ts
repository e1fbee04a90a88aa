import {
  aspectRatio,
  blockPadding,
  borderWidth,
  boxStyle,
  bubbleWidth,
  color,
  fontSize,
  gradient,
  imageWidth,
  itemStyle,
  letterStyle,
  space,
  textStyle,
} from './flex-style'

test('keywords grow in the documented order', () => {
  const grows = (sizes: string[]) =>
    sizes.map((size) => parseFloat(size)).every((px, i, all) => i === 0 || px > all[i - 1]!)
  const words = ['xxs', 'xs', 'sm', 'md', 'lg', 'xl', 'xxl', '3xl', '4xl', '5xl']
  expect(grows(words.map(fontSize))).toBe(true)
  expect(grows(words.map(imageWidth))).toBe(true)
  expect(grows(['none', 'xs', 'sm', 'md', 'lg', 'xl', 'xxl'].map((word) => space(word) ?? ''))).toBe(true)
  expect(
    grows(['none', 'light', 'normal', 'medium', 'semi-bold', 'bold'].map((word) => borderWidth(word) ?? '')),
  ).toBe(true)
  expect(grows(['nano', 'micro', 'deca', 'hecto', 'kilo', 'mega', 'giga'].map(bubbleWidth))).toBe(true)
})

test('pixels and percents are taken as they are, nothing else gets into a style', () => {
  expect(space('12.5px')).toBe('12.5px')
  expect(space('30%')).toBe('30%')
  expect(imageWidth('full')).toBe('100%')
  for (const odd of ['1px;color:red', 'calc(1px)', '-4px', 'url(x)', 'constructor', 4, null, {}]) {
    expect(space(odd)).toBeUndefined()
    expect(fontSize(odd)).toBe('16px')
    expect(bubbleWidth(odd)).toBe('300px')
  }
})

test('only hexadecimal colours', () => {
  expect(color('#1DB446')).toBe('#1DB446')
  expect(color('#0000')).toBe('#0000')
  expect(color('#11223344')).toBe('#11223344')
  for (const odd of ['red', '#12', '#12345', 'url(https://x)', '#fff;x', undefined, 5]) {
    expect(color(odd)).toBeUndefined()
  }
})

test('gradients', () => {
  const given = { type: 'linearGradient', angle: '90deg', startColor: '#000000', endColor: '#ffffff' }
  expect(gradient(given)).toBe('linear-gradient(90deg, #000000, #ffffff)')
  expect(gradient({ ...given, centerColor: '#888888', centerPosition: '30%' })).toBe(
    'linear-gradient(90deg, #000000, #888888 30%, #ffffff)',
  )
  expect(gradient({ ...given, angle: '90deg, url(x)' })).toBeUndefined()
  expect(gradient({ ...given, endColor: 'url(x)' })).toBeUndefined()
})

test('aspect ratios: width by height, at most three times as high', () => {
  expect(aspectRatio('20:13')).toBeCloseTo(20 / 13)
  expect(aspectRatio('1:9')).toBeCloseTo(1 / 3)
  expect(aspectRatio('0:0')).toBe(1)
  expect(aspectRatio(undefined)).toBe(1)
})

test('components share the width of a horizontal box, and have their own height in a vertical one', () => {
  const horizontal = { layout: 'horizontal', first: false, spacing: 'md' }
  expect(itemStyle({ type: 'text' }, horizontal)).toMatchObject({ flex: '1 0 0', marginInlineStart: '8px' })
  expect(itemStyle({ type: 'text', flex: 3 }, horizontal).flex).toBe('3 0 0')
  expect(itemStyle({ type: 'text', flex: 0 }, horizontal).flex).toBe('none')
  expect(itemStyle({ type: 'icon' }, { ...horizontal, layout: 'baseline' }).flex).toBe('none')
  expect(itemStyle({ type: 'box', width: '72px' }, horizontal).flex).toBe('none')
  expect(itemStyle({ type: 'text' }, { layout: 'vertical', first: false }).flex).toBe('none')
  expect(itemStyle({ type: 'filler' }, { layout: 'vertical', first: false }).flex).toBe('1 0 auto')
})

test('a margin is more than the spacing, and nothing for the first and for fillers', () => {
  const vertical = { layout: 'vertical', spacing: 'sm', first: false }
  expect(itemStyle({ type: 'text', margin: 'xxl' }, vertical).marginTop).toBe('20px')
  expect(itemStyle({ type: 'text', margin: 'none' }, vertical).marginTop).toBe('0px')
  expect(itemStyle({ type: 'text' }, { ...vertical, first: true }).marginTop).toBeUndefined()
  expect(itemStyle({ type: 'filler' }, vertical).marginTop).toBeUndefined()
})

test('an absolute component has offsets and no share', () => {
  const style = itemStyle(
    { type: 'box', position: 'absolute', offsetTop: '10px', offsetEnd: 'lg', margin: 'md' },
    { layout: 'vertical', first: false },
  )
  expect(style).toEqual({ position: 'absolute', top: '10px', right: '12px' })
})

test('boxes: padding of the block unless they say otherwise, border, radius, alignment', () => {
  expect(boxStyle({ layout: 'vertical' }, '20px')).toMatchObject({ flexDirection: 'column', padding: '20px' })
  expect(
    boxStyle(
      {
        layout: 'baseline',
        paddingAll: 'none',
        paddingTop: 'xs',
        borderWidth: 'medium',
        borderColor: '#123456',
        cornerRadius: 'xl',
        justifyContent: 'space-between',
        alignItems: 'center; x',
      },
      '20px',
    ),
  ).toMatchObject({
    flexDirection: 'row',
    padding: '0px',
    paddingTop: '2px',
    borderWidth: '2px',
    borderColor: '#123456',
    borderRadius: '16px',
    justifyContent: 'space-between',
    alignItems: 'baseline',
  })
})

test('texts: one line with dots, or wrapped up to maxLines', () => {
  expect(textStyle({ text: 'x' })).toMatchObject({ whiteSpace: 'nowrap', textOverflow: 'ellipsis' })
  expect(textStyle({ wrap: true })).not.toHaveProperty('WebkitLineClamp')
  expect(textStyle({ wrap: true, maxLines: 2, align: 'end', size: 'xl', weight: 'bold' })).toMatchObject({
    WebkitLineClamp: 2,
    textAlign: 'end',
    fontSize: '22px',
    fontWeight: 700,
  })
})

test('a span has only what it says itself', () => {
  expect(letterStyle({ text: 'x' })).toEqual({})
  expect(letterStyle({ size: 'xs', style: 'italic', decoration: 'line-through', color: '#ff0000' })).toEqual({
    fontSize: '13px',
    fontStyle: 'italic',
    textDecoration: 'line-through',
    color: '#ff0000',
  })
})

test('blocks of small bubbles are padded less', () => {
  expect(blockPadding('hero', {})).toBe('0')
  expect(blockPadding('body', { size: 'nano' })).toBe('10px')
  expect(blockPadding('body', { size: 'kilo' })).toBe('13px')
  expect(blockPadding('body', {})).toBe('20px')
  expect(blockPadding('body', { footer: {} })).toBe('19px 20px 10px')
})
