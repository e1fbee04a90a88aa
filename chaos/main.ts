#!/usr/bin/env node
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createDevAccounts } from '#libs/emulator'
import { certificate } from './certificate'
import { type Children, createChildren } from './children'
import { createRandom } from './random'
import { type Fsync, findRedisServer, startRedisServer } from './redis-server'
import { type RunFacts, detailsOf, lineOf } from './report'
import { type Result, runScenario } from './run-scenario'
import type { Scenario } from './scenario'
import { allScenarios, extraScenarios, shortScenarios } from './scenarios'

const root = join(__dirname, '../..')
const print = (line: string) => process.stdout.write(`${line}\n`)

interface Options {
  seed: number
  scenarios: Scenario[]
  fsync: Fsync
  writesCertificate: boolean
  keep: boolean
}

const usage = `npm run chaos -- [--seed N] [--only NAME]… [--short] [--appendfsync everysec|always]
                  [--no-certificate] [--keep]`

function readOptions(): Options {
  const { values } = parseArgs({
    allowNegative: true,
    options: {
      seed: { type: 'string' },
      only: { type: 'string', multiple: true },
      short: { type: 'boolean', default: false },
      certificate: { type: 'boolean', default: true },
      appendfsync: { type: 'string', default: 'everysec' },
      keep: { type: 'boolean', default: false },
    },
  })
  const seed = values.seed === undefined ? Math.floor(Math.random() * 1e6) : Number(values.seed)
  if (!Number.isSafeInteger(seed)) throw new Error(`--seed ${values.seed ?? ''} is not a whole number.`)
  const fsync = values.appendfsync
  if (fsync !== 'everysec' && fsync !== 'always')
    throw new Error(`--appendfsync ${fsync} is unknown. Use everysec or always.`)
  const named = values.only?.map(scenarioNamed)
  const scenarios = named ?? (values.short ? shortScenarios : allScenarios)
  // Half a run proves half.
  const writesCertificate = values.certificate && scenarios === allScenarios
  return { seed, scenarios, fsync, writesCertificate, keep: values.keep }
}

function scenarioNamed(name: string): Scenario {
  const all = [...allScenarios, ...extraScenarios]
  const found = all.find((scenario) => scenario.name === name)
  if (found) return found
  throw new Error(`--only ${name} is unknown. There are: ${all.map((s) => s.name).join(', ')}.`)
}

function readFacts({ seed, fsync }: Options, redisBinary: string): RunFacts {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  const said = execFileSync(redisBinary, ['--version'], { encoding: 'utf8' })
  return {
    seed,
    fsync,
    redis: /^(\w+) server v=(\S+)/.exec(said)?.slice(1, 3).join(' ') ?? 'unknown',
    node: process.version,
    hookline: version,
    date: new Date().toISOString().slice(0, 10),
  }
}

async function runAll(options: Options, children: Children, dir: string): Promise<number> {
  const redisBinary = findRedisServer(process.env['PATH'])
  if (redisBinary === undefined)
    throw new Error(
      'There is no redis-server or valkey-server on the PATH. Install one: apt install redis-server.',
    )
  const facts = readFacts(options, redisBinary)
  print(
    `chaos: seed ${facts.seed}, ${facts.redis}, append-only file with appendfsync ${facts.fsync}, Node ${facts.node}`,
  )
  const { accounts, env: credentials } = createDevAccounts({ ingressUrl: 'http://127.0.0.1:1' })
  const surroundings = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '' }
  const setting = {
    children,
    root,
    redisBinary,
    startRedis: startRedisServer,
    fsync: options.fsync,
    accounts,
    credentials,
    surroundings,
    dir,
  }
  const results: Result[] = []
  for (const scenario of options.scenarios) {
    const result = await runScenario(scenario, setting, createRandom(options.seed).fork(scenario.name))
    results.push(result)
    print(`${lineOf(result)}\n${detailsOf(result)}`)
  }
  const failed = results.filter(({ offences }) => offences.length > 0)
  print(
    failed.length === 0 ? 'All scenarios passed.' : `${failed.length} of ${results.length} scenarios FAILED.`,
  )
  if (options.writesCertificate)
    writeFileSync(join(root, 'docs/certificate.md'), certificate(facts, options.scenarios, results))
  return failed.length === 0 ? 0 : 1
}

async function main(): Promise<void> {
  const options = readOptions()
  const children = createChildren()
  const dir = mkdtempSync(join(tmpdir(), 'hookline-chaos-'))
  // However this process ends, short of kill -9: what it started ends with it.
  process.on('exit', () => {
    children.killAll()
    if (options.keep) print(`Logs and data: ${dir}`)
    else rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130))
  process.exit(await runAll(options, children, dir))
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}\n`)
  process.exit(2)
})
