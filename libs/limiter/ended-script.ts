import { script } from '#libs/redis'
import { endings } from './endings'
import { prelude } from './prelude'

/**
 * Tells of calls that were accepted, in one go: as `report` with the result ok for each, but none of them a probe of
 * the breaker and none with a stated limit. They ended before now, so what counts is a little later than it might be.
 * KEYS  as above
 * ARGV  1 window in ms, 2 mean duration of the calls in ms, 3 and so on: names of their permits
 * Returns as `report`.
 */
export const endedScript = script(`${prelude}${endings}
local entries, ended = {}, int(now)
for i = 3, #ARGV do
  entries[#entries + 1] = ended
  entries[#entries + 1] = ARGV[i]
end
redis.call('ZADD', KEYS[2], unpack(entries))
took(tonumber(ARGV[2]), tonumber(ARGV[1]), #ARGV - 2)
accept()
return view(succeed(false))
`)
