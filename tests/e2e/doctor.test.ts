import { type Stack, killLeftovers, runToEnd, startStack } from '../support/stack'

const doctor = (env: Record<string, string>, ...args: string[]) =>
  runToEnd('dist/libs/cli/main.js', env, ['doctor', ...args])

describe('hookline doctor, as its users run it', () => {
  let stack: Stack
  beforeAll(async () => {
    stack = await startStack()
  })
  afterAll(async () => {
    await stack.stop()
    killLeftovers()
  })

  const env = () => ({ ...stack.env, INGRESS_PORT: new URL(stack.ingress.url).port })

  test('a healthy set-up: no problem, exit code 0, no colours in a pipe, 80 columns', async () => {
    const { code, output } = await doctor(env())
    expect(output).toMatch(/^No problem found/m)
    expect(code).toBe(0)
    expect(output).not.toContain('\x1b')
    expect(output.split('\n').filter((line) => line.length > 80)).toEqual([])
  })

  test('faults: exit code 1, named with their remedies, also as JSON', async () => {
    stack.emulator.configure({ lineWebhookActive: false })
    const wrong = { ...env(), LINEWORKS_CLIENT_SECRET: 'wrong-secret' }
    const { code, output } = await doctor(wrong, '--json')
    expect(code).toBe(1)
    expect(output.trim()).not.toContain('\n')
    const report = JSON.parse(output) as { counts: { problem: number }; groups: { findings: object[] }[] }
    const findings = report.groups.flatMap((group) => group.findings)
    expect(report.counts.problem).toBe(2)
    expect(findings).toContainEqual(expect.objectContaining({ id: 'line-webhook-on', state: 'problem' }))
    expect(findings).toContainEqual(
      expect.objectContaining({
        id: 'lineworks-token',
        found: expect.stringContaining('wrong client secret') as unknown,
        remedy: expect.stringContaining('Developer Console') as unknown,
      }),
    )
    expect(output).not.toContain('wrong-secret')
  })

  test('exit code 2 for a bot that is not there and for a wrong option', async () => {
    expect(await doctor(env(), '--bot', 'shop')).toMatchObject({
      code: 2,
      output: expect.stringContaining('no bot "shop"') as unknown,
    })
    expect((await doctor(env(), '--nope')).code).toBe(2)
  })
})
