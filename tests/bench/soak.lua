-- SPDX-License-Identifier: Apache-2.0
-- wrk's part of soak.py: a mix of requests, in turn, of which a known share is answered by an error.
--   wrk … -s soak.lua URL -- ID

local requests, next_one, per_turn = {}, 0, 100
local json = {["Content-Type"] = "application/json"}

local function add(count, method, target, headers, body)
    for _ = 1, count do
        requests[#requests + 1] = {method, target, headers, body}
    end
end

function init(args)
    local item = "/items/" .. args[1]
    add(55, "GET", item)
    add(10, "GET", "/items?limit=20")
    add(9, "POST", "/items", json, '{"name":"n","description":"d"}')
    add(8, "PUT", item, json, '{"status":"sold"}')
    add(6, "DELETE", item)
    -- the errors: 12 in 100, see ERRORS in soak.py
    add(4, "GET", "/items/absent")
    add(2, "GET", "/items?limit=x")
    add(2, "POST", "/items", json, '{"name":')
    add(1, "POST", "/items", json, '{"name":5,"status":[]}')
    add(1, "PATCH", item)
    add(1, "GET", "/items/a/b/c")
    add(1, "GET", item, {["Host"] = "refused.test"})
    for place, request in ipairs(requests) do
        requests[place] = wrk.format(request[1], request[2], request[3], request[4])
    end
    assert(#requests == per_turn)
end

-- 37 and 100 have no common factor: kinds alternate, and each comes once a turn.
function request()
    next_one = (next_one + 37) % per_turn
    return requests[next_one + 1]
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        '{"requests":%d,"us":%d,"p50":%d,"p99":%d,"connect":%d,"read":%d,"write":%d,"status":%d,' ..
        '"timeout":%d}\n',
        summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
        errors.connect, errors.read, errors.write, errors.status, errors.timeout))
end
