import { nearestName, suggestion } from './nearest-name'

const names = ['channelSecret', 'channelId', 'handler']

test.each([
  ['chanelSecret', 'channelSecret'],
  ['CHANNEL_SECRET', 'channelSecret'],
  ['channel-id', 'channelId'],
  ['handlr', 'handler'],
  ['limits', undefined],
])('nearestName(%j) is %j', (wrong, right) => {
  expect(nearestName(wrong, names)).toBe(right)
})

test('suggestion lists the names where none is near', () => {
  expect(suggestion('limits', names)).toBe('Known names: channelSecret, channelId, handler')
})
