-- Many GET /plaintext at once on each connection, 16 or as many as the argument says:
-- wrk -s pipeline.lua http://127.0.0.1:8080 -- 32
local batch

function init(args)
    local depth = tonumber(args[1] or 16)

    batch = string.rep(wrk.format("GET", "/plaintext"), depth)
end

function request()
    return batch
end
