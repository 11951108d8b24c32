/**
 * Counts a request in all of its limits, or in none if it exceeds one: a caller past one limit must not use up another
 * that strangers share. The windows slide, so that nobody gets a double share around a minute's end.
 *
 * KEYS: a counter for each limit. ARGV: now, the number of limits, then requests, milliseconds and cost of each.
 * Returns the number of the limit that is exceeded, or 0, then what remains of each limit up to that one, and when
 * there is room again, in milliseconds.
 */
export const RATE_LIMIT_SCRIPT = `
local now, limits = tonumber(ARGV[1]), tonumber(ARGV[2])
local counters, reply = {}, {0}
for n = 1, limits do
  local requests, window, cost = tonumber(ARGV[3 * n]), tonumber(ARGV[3 * n + 1]), tonumber(ARGV[3 * n + 2])
  local stored = redis.call('HMGET', KEYS[n], 'from', 'current', 'previous')
  local from, at = now - now % window, tonumber(stored[1] or '0')
  local current, previous = tonumber(stored[2] or '0'), tonumber(stored[3] or '0')
  -- Another isolate's clock may already be in the next window.
  if at == from + window then from = at
  elseif at == from - window then previous, current = current, 0
  elseif at ~= from then previous, current = 0, 0 end
  local left = window - math.max(0, now - from)
  -- The window slides: the previous one counts in proportion to what it still covers.
  local used = math.floor(previous * left / window) + current
  local passed = used + cost > requests
  if not passed then current, used = current + cost, used + cost end
  local reset = from + window
  if passed or used >= requests then
    local room = requests - current - (passed and cost or 1)
    if room >= 0 then reset = math.floor(from + window * (1 - (room + 1) / previous))
    else reset = math.floor(reset + window * math.max(0, 1 - requests / math.max(current, 1))) end
  end
  reply[2 * n], reply[2 * n + 1] = math.max(0, requests - used), reset
  if passed then reply[1] = n return reply end
  counters[n] = {from, current, previous, window}
end
for n = 1, limits do
  local from, current, previous, window = unpack(counters[n])
  redis.call('HSET', KEYS[n], 'from', string.format('%.0f', from), 'current', current, 'previous', previous)
  redis.call('PEXPIRE', KEYS[n], 2 * window)
end
return reply`;
