/** A plot of a few values: bars in groups, or lines over a number. */
export interface Plot {
  /** Part of the file's name. */
  name: string
  title: string
  /** What the height means. */
  unit: string
  kind: 'bars' | 'lines'
  /** Below the axis, in order. */
  labels: string[]
  series: { name: string; values: number[] }[]
}

const size = { width: 640, height: 320 }
const edge = { left: 70, right: 20, top: 40, bottom: 60 }
const inner = { width: size.width - edge.left - edge.right, height: size.height - edge.top - edge.bottom }
/** To be told apart in both themes and without colours by their order. */
const colours = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9']
const ticks = 4

/** Draws it as an SVG of its own: white ground, readable in any theme. */
export function drawPlot(plot: Plot): string {
  const most = niceAbove(Math.max(...plot.series.flatMap(({ values }) => values), 0))
  const y = (value: number) => edge.top + inner.height * (1 - value / most)
  const drawn = plot.kind === 'bars' ? bars(plot, y) : lines(plot, y)
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" role="img" font-family="sans-serif" font-size="12">`,
    `<title>${escape(plot.title)}</title>`,
    `<rect width="${size.width}" height="${size.height}" fill="#fff"/>`,
    text(edge.left, 20, plot.title, 'start', 14),
    ...grid(most, y),
    text(edge.left - 60, edge.top - 8, plot.unit, 'start'),
    ...plot.labels.map((label, i) => text(middle(plot, i), size.height - edge.bottom + 18, label)),
    ...drawn,
    ...legend(plot),
    '</svg>',
  ].join('\n')}\n`
}

/** The next of 1, 2, 2.5, 5, 10 … above: the end of the axis. */
export function niceAbove(value: number): number {
  if (value <= 0) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 2, 2.5, 5, 10].find((step) => step * power >= value) ?? 10) * power
}

function grid(most: number, y: (value: number) => number): string[] {
  return Array.from({ length: ticks + 1 }, (_, i) => (most / ticks) * i).flatMap((value) => [
    `<line x1="${edge.left}" x2="${size.width - edge.right}" y1="${round(y(value))}" y2="${round(y(value))}" stroke="#ddd"/>`,
    text(edge.left - 8, y(value) + 4, value.toLocaleString('en-US', { maximumFractionDigits: 2 }), 'end'),
  ])
}

function slot({ labels }: Plot): number {
  return inner.width / labels.length
}

function middle(plot: Plot, index: number): number {
  return edge.left + slot(plot) * (index + 0.5)
}

function bars(plot: Plot, y: (value: number) => number): string[] {
  const width = (slot(plot) * 0.7) / plot.series.length
  const left = (plot.series.length * width) / 2
  return plot.series.flatMap(({ values }, s) =>
    values.map((value, i) => {
      const x = middle(plot, i) - left + s * width
      return `<rect x="${round(x)}" y="${round(y(value))}" width="${round(width)}" height="${round(y(0) - y(value))}" fill="${colour(s)}"/>`
    }),
  )
}

function lines(plot: Plot, y: (value: number) => number): string[] {
  return plot.series.map(({ values }, s) => {
    const points = values.map((value, i) => `${round(middle(plot, i))},${round(y(value))}`).join(' ')
    return `<polyline points="${points}" fill="none" stroke="${colour(s)}" stroke-width="2"/>`
  })
}

function legend({ series }: Plot): string[] {
  return series.flatMap(({ name }, i) => {
    const x = edge.left + (inner.width / series.length) * i
    const y = size.height - 16
    return [
      `<rect x="${round(x)}" y="${y - 10}" width="10" height="10" fill="${colour(i)}"/>`,
      text(x + 15, y, name, 'start'),
    ]
  })
}

function text(x: number, y: number, words: string, anchor = 'middle', fontSize = 12): string {
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" font-size="${fontSize}" fill="#222">${escape(words)}</text>`
}

function colour(index: number): string {
  return colours[index % colours.length] ?? '#000'
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

function escape(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
