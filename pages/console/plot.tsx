import { useEffect, useRef, useState } from 'preact/hooks'
import UPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { hourMinute } from '../shared/format'
import { type Language, useLanguage } from '../shared/i18n'

export interface Line {
  label: string
  values: (number | null)[]
  /** A colour's name in tokens.css: `--good`. */
  color: string
}

export interface PlotProps {
  title: string
  /** Begin of the first minute. */
  from: number
  lines: Line[]
  format: (value: number) => string
  /** Its values are milliseconds, else whole numbers: so are the steps of its axis. */
  isTime?: boolean
  /** No axes, no legend, no cursor. */
  small?: boolean
  height?: number
}

/** One value per minute over time, as lines. A screen reader hears the latest and the highest value. */
export function Plot(props: PlotProps) {
  const { title, from, lines, format, isTime = false, small = false, height = small ? 32 : 190 } = props
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<UPlot | undefined>(undefined)
  const language = useLanguage()
  const isDark = useDark()
  const data = plotData(from, lines)
  const shape = `${small} ${height} ${language} ${isDark} ${lines.map(({ label }) => label).join('|')}`

  useEffect(() => {
    const element = box.current
    if (!element) return
    const made = new UPlot(
      optionsFor({ lines, format, isTime, small, height, language, element }),
      data,
      element,
    )
    plot.current = made
    const watch = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }))
    watch.observe(element)
    return () => {
      watch.disconnect()
      made.destroy()
    }
    // Made anew when its look changes; new values are given to the one that is there.
  }, [shape])
  useEffect(() => plot.current?.setData(data), [from, JSON.stringify(lines.map(({ values }) => values))])

  return (
    <div
      ref={box}
      class={small ? 'plot small' : 'plot'}
      role="img"
      aria-label={`${title}: ${spoken(lines, format)}`}
    />
  )
}

const powers = Array.from({ length: 10 }, (_, power) => 10 ** power)
const wholeSteps = powers.flatMap((power) => [power, 2 * power, 5 * power])
/** Of milliseconds: what people count time by. */
const second = 1000
const minute = 60 * second
const timeSteps = [
  ...wholeSteps.filter((step) => step <= 5 * second),
  ...[10, 15, 30].map((n) => n * second),
  ...[1, 2, 5, 10, 15, 30, 60, 120, 300, 720, 1440].map((n) => n * minute),
]

/** A value without neighbours makes no line: it is shown as a point. */
const lonely: UPlot.Series.Points.Filter = (plot, series, isShown) => {
  const values = plot.data[series] ?? []
  const isAlone = (index: number) =>
    isNumber(values[index]) && !isNumber(values[index - 1]) && !isNumber(values[index + 1])
  return isShown ? Array.from(values.keys()).filter(isAlone) : null
}
const isNumber = (value: unknown) => typeof value === 'number'

function plotData(from: number, lines: Line[]): UPlot.AlignedData {
  const minutes = lines[0]?.values.length ?? 0
  return [
    Array.from({ length: minutes }, (_, index) => from / 1000 + index * 60),
    ...lines.map(({ values }) => values),
  ]
}

function spoken(lines: Line[], format: PlotProps['format']): string {
  return lines
    .map(({ label, values }) => {
      const known = values.filter((value) => value !== null)
      const last = known.at(-1)
      return last === undefined
        ? `${label} –`
        : `${label} ${format(last)} (max ${format(Math.max(...known))})`
    })
    .join(', ')
}

interface Look extends Pick<PlotProps, 'lines' | 'format'> {
  isTime: boolean
  small: boolean
  height: number
  language: Language
  element: HTMLElement
}

function optionsFor({ lines, format, isTime, small, height, language, element }: Look): UPlot.Options {
  const color = (name: string) => getComputedStyle(element).getPropertyValue(name).trim()
  const axis = { stroke: color('--ink-2'), font: '11px system-ui, sans-serif', ticks: { show: false } }
  const grid = { stroke: color('--line'), width: 1 }
  const time = (at: number) => hourMinute(at * 1000, language, at * 1000)
  return {
    width: element.clientWidth,
    height,
    padding: small ? [2, 0, 2, 0] : [10, 12, 0, 0],
    cursor: small ? { show: false } : { points: { size: 7 }, drag: { x: false, y: false } },
    legend: { show: !small },
    scales: { y: { range: (_plot, _min, max) => [0, Number.isFinite(max) && max > 0 ? max * 1.1 : 1] } },
    axes: small
      ? [{ show: false }, { show: false }]
      : [
          { ...axis, grid: { show: false }, size: 26, values: (_plot, at) => at.map(time) },
          {
            ...axis,
            grid,
            size: 64,
            incrs: isTime ? timeSteps : wholeSteps,
            values: (_plot, values) => values.map((value) => format(value)),
          },
        ],
    series: [
      {
        value: (_plot, at: number | null) => (at === null ? '–' : time(at)),
        // Empty, uPlot would say "Time" in every language.
        label: language === 'ja' ? '時刻' : 'Time',
      },
      ...lines.map(({ label, color: name }) => ({
        label,
        stroke: color(name),
        width: 1.5,
        points: { show: true, size: small ? 3 : 5, fill: color(name), filter: lonely },
        value: (_plot: UPlot, value: number | null) => (value === null ? '–' : format(value)),
      })),
    ],
  }
}

/** Whether the page is dark now: a canvas does not follow the style sheet by itself. */
function useDark(): boolean {
  const root = document.documentElement
  const [isDark, setDark] = useState(root.classList.contains('dark'))
  useEffect(() => {
    const watch = new MutationObserver(() => setDark(root.classList.contains('dark')))
    watch.observe(root, { attributeFilter: ['class'] })
    return () => watch.disconnect()
  }, [])
  return isDark
}
