import { execFileSync } from 'node:child_process'
import { type CurlRequest, curlOf } from './page-curl'

/** What curl gets as arguments and on stdin when a real shell runs the command. */
function run(command: string, variables: Record<string, string> = {}) {
  const spy = `curl() { for word; do printf '%s\\0' "$word"; done; case " $* " in *' @- '*) printf 'stdin:'; cat;; esac; }`
  const output = execFileSync('/bin/sh', ['-c', `${spy}\n${command}`], {
    env: { PATH: process.env['PATH'], ...variables },
  })
  const parts: Buffer[] = []
  let rest = output
  for (
    let end = rest.indexOf(0);
    end >= 0 && !rest.subarray(0, 6).equals(Buffer.from('stdin:'));
    end = rest.indexOf(0)
  ) {
    parts.push(rest.subarray(0, end))
    rest = rest.subarray(end + 1)
  }
  return { args: parts.map(String), stdin: rest.subarray('stdin:'.length) }
}

const request = (body: CurlRequest['body'], headers: CurlRequest['headers'] = []): CurlRequest => ({
  ...{ method: 'POST', url: ['http://127.0.0.1:3002/v2/bot?a=[1]&b={2}'], headers, body },
})

const texts = [
  `it's "quoted" \`id\` $(id) $HOME \\ %s !history`,
  "'",
  "''''",
  '@/etc/passwd',
  '-d evil',
  '行1\n行2\r\n\t😀\u2028',
  '{"text":"\\u0027; rm -rf ~ #"}\n\n',
  '$((1+1)) & | ; < > * ? ~ \u0007',
]

test.each(texts)('the body %j arrives as it was', (text) => {
  const { args } = run(curlOf(request({ text: [text] })).curl)
  expect(args[args.indexOf('--data-raw') + 1]).toBe(text)
  expect(args.at(-1)).toBe('http://127.0.0.1:3002/v2/bot?a=[1]&b={2}')
})

test('bytes that are no text arrive as they were', () => {
  const bytes = Buffer.from(Array.from({ length: 512 }, (_, i) => i % 256))
  const { args, stdin } = run(curlOf(request({ bytes })).curl)
  expect(args).toContain('@-')
  expect(stdin.equals(bytes)).toBe(true)
})

test('credentials are variables, which the shell fills in without running them', () => {
  const headers: CurlRequest['headers'] = [
    ['authorization', ['Bearer ', { variable: 'LINE_CHANNEL_ACCESS_TOKEN' }]],
    ['content-type', ['application/json']],
    ['content-length', ['5']],
    ['x-empty', ['']],
  ]
  const body = { text: ['{"replyToken":"', { variable: 'LINE_REPLY_TOKEN' }, '"}'] }
  const { curl, variables } = curlOf(request(body, headers))
  expect(variables).toEqual(['LINE_CHANNEL_ACCESS_TOKEN', 'LINE_REPLY_TOKEN'])
  const { args } = run(curl, { LINE_CHANNEL_ACCESS_TOKEN: 'a b$(id)', LINE_REPLY_TOKEN: 'r"\'t' })
  expect(args.filter((_, i) => args[i - 1] === '-H')).toEqual([
    'authorization: Bearer a b$(id)',
    'content-type: application/json',
    'x-empty;',
  ])
  expect(args[args.indexOf('--data-raw') + 1]).toBe(`{"replyToken":"r"'t"}`)
})

test('of a body that was not kept whole a file stands in', () => {
  expect(curlOf(request({ cut: true }))).toMatchObject({
    curl: expect.stringContaining(`--data-binary '@'"$BODY_FILE"`),
    variables: ['BODY_FILE'],
  })
})
