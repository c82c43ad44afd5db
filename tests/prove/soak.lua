-- SPDX-License-Identifier: Apache-2.0
-- wrk's part of the soak: of a hundred requests 80 GET, 10 lists, 5 POST, 4 PUT, 1 DELETE, and what came
-- of them as one line of JSON.
--   wrk … -s soak.lua URL -- ID BODY

local threads = {}

function setup(thread)
    threads[#threads + 1] = thread
end

function init(args)
    local item, json = "/items/" .. args[1], {["Content-Type"] = "application/json"}
    local kinds = {
        {80, wrk.format("GET", item)},
        {7, wrk.format("GET", "/items?limit=20")},
        {3, wrk.format("GET", "/items?limit=100")},
        {5, wrk.format("POST", "/items", json, args[2])},
        {4, wrk.format("PUT", item, json, args[2])},
        {1, wrk.format("DELETE", item)},
    }
    requests, at, wrong = {}, 0, 0
    for _, kind in ipairs(kinds) do
        for _ = 1, kind[1] do
            requests[#requests + 1] = kind[2]
        end
    end
end

function request()
    at = (at + 37) % #requests
    return requests[at + 1]
end

function response(status, headers, body)
    if (status ~= 200 and status ~= 201) or #body < 20 then
        wrong = wrong + 1
    end
end

function done(summary, latency, requests)
    local errors, wrong = summary.errors, 0
    for _, thread in ipairs(threads) do
        wrong = wrong + thread:get("wrong")
    end
    io.write(string.format(
        '{"requests":%d,"us":%d,"p50":%d,"p99":%d,"max":%d,"broken":%d,"wrong":%d,' ..
        '"errors":"connect %d, read %d, write %d, timeout %d"}\n',
        summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
        latency.max, errors.connect + errors.read + errors.write + errors.timeout, wrong,
        errors.connect, errors.read, errors.write, errors.timeout))
end
