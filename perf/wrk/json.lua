-- One GET /json at a time on each connection: wrk -s json.lua http://127.0.0.1:8080
wrk.path = "/json"
