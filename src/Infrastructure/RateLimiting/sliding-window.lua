-- The sliding window of SlidingWindowLimiter, on Redis' clock. A hash per partition holds a ring of counts by segment,
-- the newest segment it knows of, and the total of those that still count.
-- KEYS[1]: the hash. ARGV: permits wanted, limit, microseconds of a segment, segments of a window, permits that the asking process
-- knows it was given within the window: more than are counted here where Redis was away or has forgotten.
-- Returns 1 for granted, 0 for refused, 2 for refused by what the process knows alone; the permits that remain;
-- and in how many microseconds those refused, or one more, and in how many all are free.
local hash = KEYS[1]
local permits, limit, width, segments, own = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local ring = segments + 1 -- The oldest still counts while the newest fills.

local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local segment = math.floor(now / width)

local state = redis.call('HMGET', hash, 'newest', 'total', segment % ring)
local newest, total, count = tonumber(state[1]), tonumber(state[2]) or 0, tonumber(state[3]) or 0

if not newest then
  newest = segment
elseif newest > segment + ring then -- The clock was set back by more than a window: better too many once than too few until it has caught up.
  redis.call('DEL', hash)
  newest, total, count, state[1] = segment, 0, 0, false
elseif newest > segment then -- Set back a little: what is granted counts in the newest segment, and so too long rather than too short.
  segment = newest
  count = tonumber(redis.call('HGET', hash, segment % ring)) or 0
elseif newest < segment then
  local expired = {}
  for past = math.max(newest + 1, segment - segments), segment do expired[#expired + 1] = past % ring end
  for _, gone in ipairs(redis.call('HMGET', hash, unpack(expired))) do total = total - (tonumber(gone) or 0) end
  redis.call('HDEL', hash, unpack(expired))
  count = 0
end

-- In what time so many permits are free again, and in what time all are.
local function free_after(wanted)
  local taken = {}
  local all = redis.call('HGETALL', hash)
  for i = 1, #all, 2 do
    local slot = tonumber(all[i]) -- Nothing for 'newest' and 'total'.
    if slot then taken[slot] = tonumber(all[i + 1]) end
  end
  local first, last = nil, 0
  for past = segment - segments, segment do
    local then_taken = taken[past % ring]
    if then_taken then
      wanted = wanted - then_taken
      last = (past + ring) * width - now
      if wanted <= 0 and not first then first = last end
    end
  end
  return first or 0, last
end

local counted = math.max(total, own)
local granted = counted + permits <= limit
if granted then
  total, counted = total + permits, counted + permits
  redis.call('HSET', hash, 'newest', segment, 'total', total, segment % ring, count + permits)
elseif newest < segment then
  redis.call('HSET', hash, 'newest', segment, 'total', total)
end
if newest < segment or not state[1] then redis.call('PEXPIRE', hash, math.ceil(ring * width / 1000)) end

if granted and counted < limit then return { 1, limit - counted, 0, (segment + ring) * width - now } end
if not granted and total + permits <= limit then return { 2, math.max(0, limit - counted), 0, 0 } end
local retry, reset = free_after(granted and 1 or total + permits - limit)
return { granted and 1 or 0, math.max(0, limit - counted), retry, reset }
