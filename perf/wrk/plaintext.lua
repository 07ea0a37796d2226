-- One GET /plaintext at a time on each connection: wrk -s plaintext.lua http://127.0.0.1:8080
wrk.path = "/plaintext"
