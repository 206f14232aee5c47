//! The three scripts. Each runs as a whole, so nothing comes between looking and setting.
//!
//! `KEYS[1]` is the lease, which ends by its time; `KEYS[2]` is the highest fence, which stays.

/// Takes the lease unless somebody else has it. `ARGV`: holder, ttl in milliseconds. Returns the fence as text, or nothing.
///
/// The fence is the server's time in microseconds, or one more than the last one where that is higher: it rises also where the
/// server has forgotten everything. It stays below 2^53, which is what the numbers of a script can hold.
pub(crate) const ACQUIRE: &str = r"
local held = redis.call('GET', KEYS[1])
if held and string.sub(held, 1, #ARGV[1] + 1) ~= ARGV[1] .. '/' then
  return false
end
local time = redis.call('TIME')
local fence = time[1] * 1000000 + time[2]
local last = tonumber(redis.call('GET', KEYS[2]) or '0')
if fence <= last then
  fence = last + 1
end
local text = string.format('%.0f', fence)
redis.call('SET', KEYS[2], text)
redis.call('SET', KEYS[1], ARGV[1] .. '/' .. text, 'PX', ARGV[2])
return text
";

/// Prolongs the lease. `ARGV`: holder, fence, ttl in milliseconds. Returns 1, or 0 where it is lost.
///
/// Where the server has forgotten the lease, and nobody has taken it since (no higher fence is known), it is written again. The
/// holder asks only while its lease has not ended, and nobody gets a lease from a server that has not been up for as long as
/// leases last.
pub(crate) const RENEW: &str = r"
local held = redis.call('GET', KEYS[1])
local own = ARGV[1] .. '/' .. ARGV[2]
if held == own then
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
  return 1
end
if held or tonumber(redis.call('GET', KEYS[2]) or '0') > tonumber(ARGV[2]) then
  return 0
end
redis.call('SET', KEYS[2], ARGV[2])
redis.call('SET', KEYS[1], own, 'PX', ARGV[3])
return 1
";

/// Gives the lease back. `ARGV`: holder, fence.
pub(crate) const RELEASE: &str = r"
if redis.call('GET', KEYS[1]) == ARGV[1] .. '/' .. ARGV[2] then
  redis.call('DEL', KEYS[1])
end
return 1
";
