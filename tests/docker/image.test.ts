import { createHmac } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '../support/eventually'
import { describeWithDocker, docker, freshCopy, run } from './docker'

const image = 'hookline:image-test'
const marker = 'Ma5k3r-of-a-secret'
const locked = ['--read-only', '--user', '1000', '--cap-drop', 'ALL']
const folders: string[] = []
const containers: string[] = []

/** A folder that user 1000 may read. */
function folder(files: Record<string, string>): string {
  const path = mkdtempSync(join(tmpdir(), 'hookline-mount-'))
  folders.push(path)
  const inner = join(path, 'mounted')
  mkdirSync(inner)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(inner, name), text)
  return inner
}

async function start(args: string[], command: string[] = []): Promise<string> {
  const id = (await docker('run', '-d', ...locked, ...args, image, ...command)).trim()
  containers.push(id)
  return id
}

const said = async (id: string) => {
  const { stdout, stderr } = await run('docker', ['logs', id])
  return stdout + stderr
}

const inspect = async <T>(what: string, format: string) =>
  JSON.parse(await docker('inspect', '--format', `{{json ${format}}}`, what)) as T

describeWithDocker('the image', () => {
  beforeAll(async () => {
    const clone = await freshCopy()
    folders.push(clone)
    // What must not get into it, in the places where users keep it.
    writeFileSync(join(clone, '.env'), `LINE_CHANNEL_SECRET=${marker}\n`)
    for (const name of ['ingress', 'worker', 'console'])
      writeFileSync(join(clone, 'secrets', name, 'line'), marker)
    await docker('build', '-f', join(clone, 'deploy/Dockerfile'), '-t', image, clone)
  }, 600_000)

  afterAll(async () => {
    if (containers.length > 0) await run('docker', ['rm', '-f', '-v', ...containers])
    await run('docker', ['rmi', '-f', image])
    for (const path of folders) rmSync(path, { recursive: true, force: true })
  }, 60_000)

  test('has no secret in its history, its settings or its files', async () => {
    expect(await docker('history', '--no-trunc', image)).not.toContain(marker)
    expect(await docker('inspect', image)).not.toContain(marker)
    const found = await run('docker', [
      'run',
      '--rm',
      '-u',
      '0',
      image,
      'grep',
      '-rl',
      marker,
      '/app',
      '/var/lib/hookline',
    ])
    expect(found).toMatchObject({ code: 1, stdout: '' })
  })

  test('runs as user 1000, without a shell, and checks its health without one', async () => {
    interface Config {
      User: string
      Cmd: string[]
      Entrypoint: string[] | null
      Healthcheck: { Test: string[] }
      Labels: Record<string, string>
    }
    const config = await inspect<Config>(image, '.Config')
    expect(config.User).toBe('1000:1000')
    expect(config.Cmd).toEqual(['node', 'dist/apps/ingress/main.js'])
    expect(config.Entrypoint ?? []).not.toContain('/bin/sh')
    expect(config.Healthcheck.Test).toEqual(['CMD', 'node', '/app/deploy/healthcheck.mjs'])
    expect(config.Labels).toMatchObject({ 'org.opencontainers.image.licenses': 'MIT' })
  })

  test('holds production packages only, and less of them than is installed', async () => {
    const names = await docker('run', '--rm', image, 'ls', 'node_modules', 'node_modules/.bin')
    expect(names).toContain('bullmq')
    for (const name of ['jest', 'typescript', 'eslint', 'prettier'])
      expect(names.split('\n')).not.toContain(name)
    const spare = await docker(
      'run',
      '--rm',
      image,
      'find',
      '/app',
      '-type',
      'f',
      '(',
      '-name',
      '*.map',
      '-o',
      '-name',
      '*.d.ts',
      '-o',
      '-path',
      '*/@line/bot-sdk/dist/*',
      ')',
    )
    expect(spare).toBe('')
  })

  test('holds the pages of console and emulator as they were built', async () => {
    const files = (await docker('run', '--rm', image, 'find', 'dist/pages', '-type', 'f')).split('\n')
    for (const page of ['console', 'emulator'])
      for (const name of ['index.html', 'app.js', 'app.css', 'theme.js', 'icon.svg'])
        expect(files).toContain(`dist/pages/${page}/${name}`)
    const names = (await docker('run', '--rm', image, 'ls', 'dist', 'node_modules')).split('\n')
    for (const name of ['tests', 'esbuild', 'preact', 'playwright-core']) expect(names).not.toContain(name)
  })

  test('has the hookline command, with npx too, without a network', async () => {
    for (const command of [['hookline'], ['npx', 'hookline']]) {
      const { code, stdout } = await run('docker', [
        'run',
        '--rm',
        '--network',
        'none',
        ...locked,
        image,
        ...command,
        '--help',
      ])
      expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('Usage: hookline') })
    }
  })

  test('keeps an event in the journal, the only place where it may write, and ends at once', async () => {
    const secret = 'only-for-this-test'
    const id = await start([
      ...['-v', '/var/lib/hookline/journal', '-p', '127.0.0.1::3000'],
      ...['-e', 'REDIS_URL=redis://nowhere.invalid:6379', '-e', `LINE_CHANNEL_SECRET=${secret}`],
    ])
    const address = await eventually(async () => {
      const found = (await docker('port', id, '3000')).split('\n')[0] ?? ''
      const answer = await fetch(`http://${found}/healthz`, { signal: AbortSignal.timeout(2000) })
      expect(answer.status).toBe(200)
      return found
    })
    const body = JSON.stringify({ destination: 'U1', events: [] })
    const signature = createHmac('sha256', secret).update(body).digest('base64')
    const message = JSON.stringify({
      destination: 'U1',
      events: [
        {
          type: 'message',
          webhookEventId: '01',
          timestamp: 1,
          source: { type: 'user', userId: 'U2' },
          message: { type: 'text', id: '1', text: 'kept' },
        },
      ],
    })
    const post = (text: string, sign: string) =>
      fetch(`http://${address}/webhooks/line`, {
        method: 'POST',
        body: text,
        headers: { 'x-line-signature': sign },
        signal: AbortSignal.timeout(10_000),
      })
    expect((await post(body, signature)).status).toBe(200)
    expect((await post(message, signature)).status).toBe(401)
    const own = createHmac('sha256', secret).update(message).digest('base64')
    expect((await post(message, own)).status).toBe(200)
    const journal = await docker('exec', id, 'grep', '-rl', 'kept', '/var/lib/hookline/journal')
    expect(journal.trim()).not.toBe('')
    expect((await run('docker', ['exec', id, 'touch', '/app/x'])).stderr).toContain('Read-only file system')

    const began = performance.now()
    await docker('stop', '-t', '30', id)
    expect(performance.now() - began).toBeLessThan(15_000)
    expect(await inspect(id, '.State')).toMatchObject({ ExitCode: 0, OOMKilled: false })
  })

  test('runs a mounted bot without a build, named by a mounted config file', async () => {
    const bots = folder({
      'mine.ts': `import { defineBot } from 'hookline'
enum Word { Hello = 'hello' }
export default defineBot((bot) => { bot.hears(Word.Hello, (ctx) => ctx.reply('world')) })
console.log('mine.ts was loaded')
`,
    })
    const config = folder({
      'hookline.config.yaml':
        'bots:\n  shop:\n    platform: line\n    handler: ./bots/mine.ts\n    channelAccessToken: ${SHOP_TOKEN}\n',
    })
    const id = await start(
      [
        ...[
          '-v',
          `${bots}:/app/bots:ro`,
          '-v',
          `${config}/hookline.config.yaml:/app/hookline.config.yaml:ro`,
        ],
        ...['-e', 'REDIS_URL=redis://nowhere.invalid:6379', '-e', 'SHOP_TOKEN=t'],
      ],
      ['node', 'dist/apps/worker/main.js'],
    )
    await eventually(async () => expect(await said(id)).toContain('"bots":["shop"],"msg":"started"'))
    expect(await said(id)).toContain('mine.ts was loaded')
    expect((await run('docker', ['exec', id, 'node', '/app/deploy/healthcheck.mjs'])).code).toBe(0)
    await docker('stop', '-t', '30', id)
    expect(await inspect(id, '.State')).toMatchObject({ ExitCode: 0 })
  })

  test('is unhealthy when its process does not answer', async () => {
    const id = await start([], ['node', '-e', 'setInterval(() => {}, 1000)'])
    const { code, stderr } = await run('docker', ['exec', id, 'node', '/app/deploy/healthcheck.mjs'])
    expect(code).toBe(1)
    expect(stderr).toContain('ECONNREFUSED')
  })

  test('refuses to start without settings, and says what is missing', async () => {
    const { code, stderr } = await run('docker', ['run', '--rm', ...locked, image])
    expect(code).toBe(1)
    expect(stderr).toContain('REDIS_URL is missing')
  })
})
