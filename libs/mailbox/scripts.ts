import { script } from '#libs/redis'
import { recordMs } from './keys'
import { keepStoryFunction } from './story-scripts'

/**
 * Puts a tombstone in the place of every item that carries a message, but for the unsend events that name it.
 * Nothing is decoded: a message id with its name and quotes can't occur within a JSON string.
 */
const eraseFunction = `
local function erase(lane, needle, tombstone)
  for i, item in ipairs(redis.call('LRANGE', lane, 0, -1)) do
    if string.find(item, needle, 1, true) and not string.find(item, '"type":"unsend"', 1, true) then
      redis.call('LSET', lane, i - 1, string.match(item, '^%S+ %d+ ') .. tombstone)
    end
  end
end
`

/**
 * Dedupes and appends a batch. A key that is "seen" is always also stored. An unsend event erases the message
 * that it names, and leaves a mark for the case that the message comes after it.
 *
 * Whether a lane has to be woken is seen here too, because it is most of what a webhook costs. A lane that had items
 * and has a drain needs none: whatever that drain does next, it looks at the lane again before it ends. A lane without
 * a drain is woken also for an event that was seen before: so a redelivery heals a crash between storing and waking.
 * The other keys are made here, which costs less than to send them. A cluster has to be told of them all the same: while
 * it moves a slot, a node that has not all of them yet must refuse, or it would take an event that the other one has.
 * KEYS  lanes, number of items; on a cluster then per event: seen, lane, mark, drain
 * ARGV  what the keys of seen events, lanes, marks and drains begin with, time of posting in ms,
 *       then per event: lane name, item, dedupe window in ms, id of the message that it carries or names or '', and: of an
 *       unsend event `"messageId":"…"`, a line feed and the tombstone; of a push what its key in "seen" holds; else ''
 * Returns per event: 1 stored, 0 seen before; 2 more where the lane has to be woken.
 */
export const postScript = script(`${eraseFunction}
local seen, lanes, marks, drains, now = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local results, added = {}, 0
for a = 6, #ARGV, 5 do
  local name, item, window, message, more = ARGV[a], ARGV[a + 1], ARGV[a + 2], ARGV[a + 3], ARGV[a + 4]
  local lane = lanes .. name
  local isPush = string.sub(more, 1, 1) == '{'
  local key = seen .. string.match(item, '^%S+')
  -- One look for both: a command costs more than what it does.
  local tombstone, drain = unpack(redis.call('MGET', marks .. message, drains .. name))
  if redis.call('SET', key, isPush and more or '1', 'PX', window, 'NX') then
    if message ~= '' and more == '' then
      if tombstone then item = string.match(item, '^%S+ %d+ ') .. tombstone end
    elseif more ~= '' and not isPush then
      local needle, grave = string.match(more, '^([^\\n]*)\\n(.*)$')
      erase(lane, needle, grave)
      redis.call('SET', marks .. message, grave, 'PX', window)
    end
    local first = redis.call('RPUSH', lane, item) == 1
    if first then redis.call('ZADD', KEYS[1], now, name) end
    added = added + 1
    results[#results + 1] = (first or not drain) and 3 or 1
  else
    local forgotten = not drain and redis.call('EXISTS', lane) == 1
    results[#results + 1] = forgotten and 2 or 0
  end
end
if added > 0 then redis.call('INCRBY', KEYS[2], added) end
return results
`)

/**
 * Erases a message from a lane once more: for a dead letter that was replayed meanwhile.
 * KEYS  lane
 * ARGV  `"messageId":"…"`, tombstone
 */
export const eraseScript = script(`${eraseFunction}
erase(KEYS[1], ARGV[1], ARGV[2])
`)

/**
 * Rewrites a dead letter or a story, if it is still the one that was read.
 * KEYS  dead letters or stories
 * ARGV  its id, as it was read, as it is to be
 * Returns 1, or 0 when it is gone or another one now.
 */
export const rewriteScript = script(`
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1
`)

/**
 * Takes a lane: from now on only this drain may amend or finish its head. A head that never crashed is
 * counted as started at once; one that did is only counted by the next script, when its turn has come: it may
 * have to wait for that, and whatever kills the process meanwhile is not its fault.
 * KEYS  lane, lanes, owners, starts
 * ARGV  lane name, token of the drain
 * Returns {item, how often it was started without an orderly end} or nil when the lane is empty.
 */
export const takeScript = script(`
local item = redis.call('LINDEX', KEYS[1], 0)
if not item then
  redis.call('HDEL', KEYS[3], ARGV[1])
  redis.call('ZREM', KEYS[2], ARGV[1])
  return nil
end
redis.call('HSET', KEYS[3], ARGV[1], ARGV[2])
local starts = tonumber(redis.call('HGET', KEYS[4], ARGV[1])) or 0
if starts == 0 then redis.call('HSET', KEYS[4], ARGV[1], 1) end
return {item, starts}
`)

/** The head is still this item and the lane still belongs to this drain. */
const guard = `
local head = redis.call('LINDEX', KEYS[1], 0)
if not head or redis.call('HGET', KEYS[3], ARGV[1]) ~= ARGV[2]
  or string.sub(head, 1, #ARGV[3] + 1) ~= ARGV[3] .. ' ' then
  return 0
end
`

/**
 * Counts another start of the head.
 * KEYS  lane, lanes, owners, starts
 * ARGV  lane name, token of the drain, item id
 * Returns 1, or 0 when another drain has taken over.
 */
export const startScript = script(`${guard}
redis.call('HINCRBY', KEYS[4], ARGV[1], 1)
return 1
`)

/**
 * Takes back one start of an item: its run ended without an orderly end, but its process lives.
 * KEYS  lane, starts
 * ARGV  lane name, item id
 */
export const forgiveScript = script(`
local head = redis.call('LINDEX', KEYS[1], 0)
if not head or string.sub(head, 1, #ARGV[2] + 1) ~= ARGV[2] .. ' ' then return end
if (tonumber(redis.call('HGET', KEYS[2], ARGV[1])) or 0) > 1 then
  redis.call('HINCRBY', KEYS[2], ARGV[1], -1)
else
  redis.call('HDEL', KEYS[2], ARGV[1])
end
`)

/**
 * Gives a lane away in the middle of a run: this drain may write nothing more, and a start that it counted is
 * taken back, since nothing crashed.
 * KEYS  owners, starts
 * ARGV  lane name, token of the drain, 1 when its start was counted
 */
export const leaveScript = script(`
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return end
redis.call('HDEL', KEYS[1], ARGV[1])
if ARGV[3] ~= '1' then return end
if (tonumber(redis.call('HGET', KEYS[2], ARGV[1])) or 0) > 1 then
  redis.call('HINCRBY', KEYS[2], ARGV[1], -1)
else
  redis.call('HDEL', KEYS[2], ARGV[1])
end
`)

/** The head is a tombstone: its message was taken back while it was worked on. */
const isErased = `string.find(head, '^%S+ %d+ {"erased":true')`

/**
 * Rewrites the head with what happened to it so far. After an orderly end its starts are forgotten; a step in
 * between forgets nothing, since the process may still die of what the item does next. What the conversation
 * remembers is written with it: so a handler's run counts for both, or for neither.
 * KEYS  lane, lanes, owners, starts, memory
 * ARGV  lane name, token of the drain, item id, item up to its line feed or all of it, 1 after an orderly end, then of a
 *       memory that changed its time to live in ms and the memory, or '' to forget it
 * Returns 1, 0 when another drain has taken over, 2 when the item was erased meanwhile and stays so, or 3 when nothing is
 * written because the whole item is needed: what was stored by an earlier version has no line feed.
 */
export const amendScript = script(`${guard}
if ${isErased} then return 2 end
local item = ARGV[4]
if not string.find(item, '\\n', 1, true) then
  local rest = string.find(head, '\\n', 1, true)
  if not rest then return 3 end
  item = item .. string.sub(head, rest)
end
redis.call('LSET', KEYS[1], 0, item)
if ARGV[5] == '1' then redis.call('HDEL', KEYS[4], ARGV[1]) end
if ARGV[6] then
  if ARGV[7] == '' then redis.call('DEL', KEYS[5]) else redis.call('SET', KEYS[5], ARGV[7], 'PX', ARGV[6]) end
end
return 1
`)

/**
 * Says which timers of the conversation count from now on.
 * KEYS  lane, lanes, owners, starts, timers of the lane
 * ARGV  lane name, token of the drain, item id, time to live in ms, then per timer its name and its id, or '' for none
 * Returns per timer the id that counted before or '', or 0 when another drain has taken over.
 */
export const timersScript = script(`${guard}
local before = {}
for i = 5, #ARGV, 2 do
  before[#before + 1] = redis.call('HGET', KEYS[5], ARGV[i]) or ''
  if ARGV[i + 1] == '' then
    redis.call('HDEL', KEYS[5], ARGV[i])
  else
    redis.call('HSET', KEYS[5], ARGV[i], ARGV[i + 1])
    redis.call('PEXPIRE', KEYS[5], ARGV[4])
  end
end
return before
`)

/**
 * Removes the head, keeps it as a dead letter where one is given (but not what was erased meanwhile), and reads
 * the next item, which counts as started: most often it is, at once. A drain that gives the lane away instead
 * takes that back. Of a bot that is paused the next item is not even read.
 *
 * It runs for every item, and each command within costs Redis as much as a short one from outside: so it reads head and
 * next at once, and writes what changed only.
 * KEYS  lane, lanes, owners, starts, number of items, BullMQ's settings of the queue, stories, their times, conversations,
 *       then of a dead letter or a push: dead letters, dead letter times, seen
 * ARGV  lane name, token of the drain, item id, 1 where the head is counted as started once,
 *       story or '' where the bot keeps none, its end, its end where the item was erased meanwhile (`storyPieces`),
 *       now in ms, number of stories to keep, what the key of a conversation's stories begins with, time to live of all
 *       of it in ms, then of a dead letter or a push: dead letter id or '', dead letter, now in ms, record of a push or ''
 * Returns 0 when another drain has taken over, 1 when the lane is empty now, 2 when the bot is paused, else
 * {next item, 0}.
 */
export const finishScript = script(`${keepStoryFunction}
local items = redis.call('LRANGE', KEYS[1], 0, 1)
local head, item = items[1], items[2]
if not head or redis.call('HGET', KEYS[3], ARGV[1]) ~= ARGV[2]
  or string.sub(head, 1, #ARGV[3] + 1) ~= ARGV[3] .. ' ' then
  return 0
end
local erased = ${isErased}
redis.call('LTRIM', KEYS[1], 1, -1)
redis.call('DECR', KEYS[5])
if KEYS[10] and not erased then
  if ARGV[12] ~= '' then
    redis.call('HSET', KEYS[10], ARGV[12], ARGV[13])
    redis.call('ZADD', KEYS[11], ARGV[14], ARGV[12])
  end
  if ARGV[15] ~= '' then redis.call('SET', KEYS[12], ARGV[15], 'PX', ${recordMs}) end
end
if ARGV[5] ~= '' then keepStory(7, 5, ARGV[1], ARGV[3], erased) end
if not item then
  redis.call('HDEL', KEYS[4], ARGV[1])
  redis.call('HDEL', KEYS[3], ARGV[1])
  redis.call('ZREM', KEYS[2], ARGV[1])
  return 1
end
local posted = string.match(item, '^%S+ (%d+) ')
-- The age of the oldest head is told in seconds.
if string.sub(posted, 1, -4) ~= string.match(head, '^%S+ (%d+)%d%d%d ') then
  redis.call('ZADD', KEYS[2], posted, ARGV[1])
end
if redis.call('HEXISTS', KEYS[6], 'paused') == 1 then
  redis.call('HDEL', KEYS[4], ARGV[1])
  return 2
end
if ARGV[4] ~= '1' then redis.call('HSET', KEYS[4], ARGV[1], 1) end
return {item, 0}
`)

/**
 * Puts a dead letter's item back at the tail of its lane, if the letter is still the one that was read: of two
 * who replay it one wins, and what was changed meanwhile (an erased text) is not undone.
 * KEYS  dead letters, dead letter times, lane, lanes, number of items, seen
 * ARGV  dead letter id, dead letter as it was read, item, lane name, now in ms, record of a push or ''
 * Returns 1, or 0 when the letter is gone or another one now.
 */
export const replayScript = script(`
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])
if redis.call('RPUSH', KEYS[3], ARGV[3]) == 1 then
  redis.call('ZADD', KEYS[4], ARGV[5], ARGV[4])
end
redis.call('INCR', KEYS[5])
if ARGV[6] ~= '' then redis.call('SET', KEYS[6], ARGV[6], 'PX', ${recordMs}) end
return 1
`)

/**
 * Removes dead letters for good. Of two who do it one wins, and only that one says so in the record of a push.
 * KEYS  dead letters, dead letter times, then per letter: seen
 * ARGV  per letter: id, record of a push or ''
 * Returns the ids of those that were there.
 */
export const discardScript = script(`
local discarded = {}
for i = 1, #KEYS - 2 do
  local id, record = ARGV[2 * i - 1], ARGV[2 * i]
  if redis.call('HDEL', KEYS[1], id) == 1 then
    table.insert(discarded, id)
    redis.call('ZREM', KEYS[2], id)
    if record ~= '' then redis.call('SET', KEYS[i + 2], record, 'PX', ${recordMs}) end
  end
end
return discarded
`)

/**
 * What is kept of a push, and the head of its lane, in one look.
 * KEYS  seen, lane
 * Returns {record or false, head or false}.
 */
export const lookScript = script(`
return {redis.call('GET', KEYS[1]), redis.call('LINDEX', KEYS[2], 0)}
`)

/**
 * What waits, by Redis' own clock. The number of items is at least that of the lanes which have any, so that a
 * wrong one neither hides a backlog nor invents one until the next sweep.
 * KEYS  lanes, number of items, dead letter times, delayed jobs of the timer queue, its schedules (each has one),
 *       BullMQ's settings of the queue
 * Returns {items, lanes with items, age of the oldest head in ms or 0, dead letters, waiting timers, 1 when the bot is paused}.
 */
export const backlogScript = script(`
local lanes, items, age = redis.call('ZCARD', KEYS[1]), 0, 0
if lanes > 0 then
  local time = redis.call('TIME')
  local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
  items = math.max(lanes, tonumber(redis.call('GET', KEYS[2])) or 0)
  age = math.max(0, time[1] * 1000 + math.floor(time[2] / 1000) - tonumber(oldest[2]))
end
local timers = math.max(0, redis.call('ZCARD', KEYS[4]) - redis.call('ZCARD', KEYS[5]))
return {items, lanes, age, redis.call('ZCARD', KEYS[3]), timers, redis.call('HEXISTS', KEYS[6], 'paused')}
`)

/**
 * Counts the items anew. The lanes are no keys of this call; they share its hash tag.
 * KEYS  lanes, number of items
 * ARGV  what the key of a lane begins with, most lanes to look at
 * Returns by how many the number was wrong, or 0 where there are more lanes.
 */
export const recountScript = script(`
if redis.call('ZCARD', KEYS[1]) > tonumber(ARGV[2]) then return 0 end
local items = 0
for _, lane in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  items = items + redis.call('LLEN', ARGV[1] .. lane)
end
local wrong = (tonumber(redis.call('GET', KEYS[2])) or 0) - items
if wrong ~= 0 then redis.call('SET', KEYS[2], items) end
return wrong
`)
