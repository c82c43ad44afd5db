-- SPDX-License-Identifier: Apache-2.0
-- wrk's part: one request over and over, and what came of it as one line of JSON.
--   wrk … -s load.lua URL -- METHOD [BODY-FILE] [NAME:VALUE...]

function init(args)
    wrk.method = args[1]
    for i = 2, #args do
        local name, value = args[i]:match("^([%w-]+):(.*)$")
        if name then
            wrk.headers[name] = value
        else
            wrk.body = io.open(args[i]):read("*a")
        end
    end
    if wrk.body then
        wrk.headers["Content-Type"] = "application/json"
    end
end

function done(summary, latency, requests)
    local errors = summary.errors
    io.write(string.format(
        '{"requests":%d,"us":%d,"p50":%d,"p99":%d,"max":%d,"connect":%d,"read":%d,"write":%d,' ..
        '"status":%d,"timeout":%d}\n',
        summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
        latency.max, errors.connect, errors.read, errors.write, errors.status, errors.timeout))
end
