-- What a busy site may be asked for, by weight, in an order that is the same in every run:
-- wrk -s mixed.lua http://127.0.0.1:8080
local body = string.rep("0123456789abcdef", 64)
local mix = {
    { weight = 45, method = "GET", path = "/plaintext" },
    { weight = 25, method = "GET", path = "/json" },
    { weight = 20, method = "POST", path = "/echo", body = body },
    { weight = 8, method = "GET", path = "/sleep/2" },
    { weight = 2, method = "GET", path = "/hash/100" },
}
local threads, slots = 0, {}

function setup(thread)
    threads = threads + 1
    thread:set("number", threads)
end

function init()
    math.randomseed(number)
    for _, one in ipairs(mix) do
        local request = wrk.format(one.method, one.path, nil, one.body)

        for _ = 1, one.weight do
            slots[#slots + 1] = request
        end
    end
end

function request()
    return slots[math.random(#slots)]
end
