-- Prints wrk's latencies with the far percentiles, in microseconds; load.sh appends it to each script.
function done(summary, latency)
    local line = "Latencies:"

    for _, percent in ipairs({ 50, 90, 99, 99.9 }) do
        line = line .. " " .. latency:percentile(percent)
    end
    print(line .. " " .. latency.max)
end
