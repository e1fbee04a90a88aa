#!/usr/bin/env node
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createChildren } from '../chaos/children'
import { findRedisServer } from '../chaos/redis-server'
import type { Bench } from './bench'
import { type Facts, readFacts } from './facts'
import { type IngressLoad, measureIngress, prepareLoad } from './measure/ingress'
import { measureGrowth } from './measure/growth'
import { measureMemory } from './measure/memory'
import { measureAck, measureLatency } from './measure/latency'
import { measureSteady } from './measure/steady'
import { measureWay } from './measure/way'
import { measureWorker } from './measure/worker'
import { type Options, type SectionName, readOptions, sectionNames, usage } from './options'
import { performancePage, plotFile, terminalText } from './page'
import { createPinning } from './pinning'
import { drawPlot } from './plot'
import type { Section } from './section'

const root = join(__dirname, '../..')
const print = (line: string) => process.stdout.write(`${line}\n`)

type Measure = (bench: Bench, load: () => IngressLoad) => Promise<Section>

const measurements: Record<SectionName, Measure> = {
  ingress: (bench, load) => measureIngress(bench, load()),
  latency: (bench, load) => measureLatency(bench, load()),
  ack: (bench, load) => measureAck(bench, load()),
  worker: measureWorker,
  way: measureWay,
  memory: measureMemory,
  steady: measureSteady,
  growth: measureGrowth,
}

function createBench(options: Options): Bench {
  const path = process.env['PATH']
  const redisBinary = findRedisServer(path)
  if (redisBinary === undefined)
    throw new Error(
      'There is no redis-server or valkey-server on the PATH. Install one: apt install redis-server.',
    )
  return {
    ...options,
    ...{ root, redisBinary, print, dir: mkdtempSync(join(tmpdir(), 'hookline-bench-')) },
    children: createChildren(),
    pinning: createPinning(path, cpus().length),
    surroundings: { PATH: path ?? '', HOME: process.env['HOME'] ?? '' },
  }
}

async function runAll(bench: Bench, { only, beside, writesPage }: Options): Promise<void> {
  const earlier = beside === undefined ? undefined : readRun(beside)
  const own = readFacts(bench)
  const facts = earlier?.facts ?? own
  print(`bench: ${own.redis}, Node ${own.node}, ${own.cores} cores, ${own.generator}; ${own.pinning}`)
  const file = runFile()
  const found = new Map(earlier?.sections.map((section) => [section.name, section]))
  const sections = () => sectionNames.flatMap((name) => found.get(name) ?? [])
  let load: IngressLoad | undefined
  const sharedLoad = () => (load ??= prepareLoad(bench))
  for (const name of sectionNames.filter((known) => only.includes(known))) {
    print(`\n${name} …`)
    const section = await measurements[name](bench, sharedLoad)
    found.set(
      name,
      earlier
        ? { ...section, ownRun: { date: own.date, rounds: bench.rounds, seconds: bench.seconds } }
        : section,
    )
    print(terminalText(section))
    // After each: what was measured is not lost with a later one.
    writeRun(file, { facts, sections: sections() })
  }
  print(`\nEvery sample: ${file}`)
  if (writesPage) writeDocs(facts, sections())
}

interface Run {
  facts: Facts
  sections: Section[]
}

function runFile(): string {
  const folder = join(root, '.hookline/bench')
  mkdirSync(folder, { recursive: true })
  return join(folder, `${new Date().toISOString().replaceAll(':', '-')}.json`)
}

function writeRun(file: string, run: Run): void {
  writeFileSync(file, `${JSON.stringify(run, undefined, 2)}\n`)
}

function readRun(file: string): Run {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Run
  } catch (error) {
    throw new Error(`--beside ${file} can't be read: ${String(error)}. It is a file of .hookline/bench.`, {
      cause: error,
    })
  }
}

function writeDocs(facts: Facts, sections: Section[]): void {
  writeFileSync(join(root, 'docs/performance.md'), performancePage(facts, sections))
  for (const plot of sections.flatMap(({ plots }) => plots))
    writeFileSync(join(root, 'docs/images', plotFile(plot.name)), drawPlot(plot))
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2))
  const bench = createBench(options)
  // However this process ends, short of kill -9: what it started ends with it.
  process.on('exit', () => {
    bench.children.killAll()
    if (options.keep) print(`Logs and data: ${bench.dir}`)
    else rmSync(bench.dir, { recursive: true, force: true, maxRetries: 5 })
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130))
  await runAll(bench, options)
  process.exit(0)
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}\n`)
  process.exit(2)
})
