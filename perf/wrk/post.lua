-- One POST /echo with a body of 1 KiB at a time on each connection: wrk -s post.lua http://127.0.0.1:8080
wrk.method = "POST"
wrk.path = "/echo"
wrk.body = string.rep("0123456789abcdef", 64)
wrk.headers["Content-Type"] = "application/octet-stream"
