# shellcheck shell=sh
# serve.sh - runs the image as it is meant to be run, and talks to it. Sourced by check.sh.

limits='--ulimit nofile=20000:20000 --ulimit nproc=1000:1000'

run() { # NAME OPTIONS... -- ARGUMENTS...: a server behind all the walls, and its start-up line in `line`
    name=$1 options='' && shift
    while [ "$1" != -- ]; do options="$options $1" && shift; done
    shift
    # shellcheck disable=SC2086
    engine 60 run --detach --name "$name" --no-healthcheck $limits --read-only --read-only-tmpfs=false \
        --cap-drop all --security-opt no-new-privileges $options "$image" "$@" && wait_for_line
}

wait_for_line() { # for at most ten seconds
    line='' tries=100
    while [ $tries -gt 0 ]; do
        line=$(engine 60 logs "$name" 2>&1 | grep '^gyre-httpd: http://') && break
        sleep 0.1
        tries=$((tries - 1))
    done
    echo "start-up line: $line"
    [ -n "$line" ]
}

run_on_host() { # NAME OPTIONS...: on any free port of this machine; its address in `url`
    run "$@" --network host -- --host 127.0.0.1 --port 0 &&
        url=$(echo "$line" | grep -oE 'http://127\.0\.0\.1:[0-9]+')
}

end() { # NAME: 0 when it ends by itself with status 0 and has said nothing after its start-up line
    engine 60 stop --time 20 "$1" && status=$(engine 60 wait "$1") && said=$(engine 60 logs "$1" 2>&1)
    echo "status $status, it said: $said"
    [ "$status" = 0 ] && [ "$(echo "$said" | grep -c .)" = 1 ]
}

remove() { # NAME
    engine 60 rm --force --time 0 "$1"
}

process_is() { # FIELD VALUE: a line of /proc/1/status
    engine 60 exec all cat /proc/1/status >"$cache/run/status"
    grep -E "^$1:" "$cache/run/status"
    [ "$(awk -v field="$1:" '$1 == field { print $2 }' "$cache/run/status")" = "$2" ]
}

walled_in() {
    process_is Uid 10001 && process_is Gid 10001 && process_is CapEff 0000000000000000 &&
        process_is CapBnd 0000000000000000 && process_is NoNewPrivs 1 && process_is Seccomp 2
}

cannot_write() {
    for folder in / /tmp /var /run /usr/local/bin; do
        ! engine 60 exec all touch "$folder/a-file" || return
    done
}

answers() { # EXPECTED CURL-ARGUMENTS...
    expected=$1 && shift
    answer=$(curl --silent --show-error --max-time 10 --noproxy '*' "$@")
    echo "$answer"
    [ "$answer" = "$expected" ]
}

routes() {
    answers 'Hello, World!' "$url/plaintext" && answers '{"message":"Hello, World!"}' "$url/json" &&
        answers "what was sent" --data-binary 'what was sent' "$url/echo" &&
        answers 404 --output /dev/null --write-out '%{http_code}' "$url/nowhere"
}

drive() { # SECONDS WRK-ARGUMENTS...: wrk, its report in run/wrk
    seconds=$1 && shift
    timeout $((seconds + 30)) wrk --threads 2 --connections 64 --duration "$seconds" "$@" >"$cache/run/wrk" 2>&1
}

rate() {
    awk '$1 == "Requests/sec:" { printf "%.0f requests/s", $2 }' "$cache/run/wrk"
}

no_error() { # all that wrk asked was answered, and it asked
    cat "$cache/run/wrk"
    grep -qE '^ *[1-9][0-9]* requests in' "$cache/run/wrk" && ! grep -E 'Socket errors|Non-2xx' "$cache/run/wrk"
}

withstands() { # WRK-ARGUMENTS...
    drive 3 "$@" "$url/plaintext" && no_error
}

check_serving() {
    phase 'podman: read-only, no capability, no new privilege'
    check 'it starts, and says on how many shards and why' run_on_host all
    echo "# $line"
    check 'it has a user of its own, no capability, and the default seccomp profile' walled_in
    check 'it can write nowhere' cannot_write
    check 'curl gets the right answers' routes
    check 'wrk meets no error, connections kept' withstands
    echo "# $(rate)"
    check 'wrk meets no error, a connection for each request' withstands --header 'Connection: close'
    echo "# $(rate)"
    check 'SIGTERM ends it with status 0 when it has nothing to do' end all
}

# Where the kernel gives no quota, the affinity mask must do.
run_on_one_cpu() {
    limit_by='a CPU quota'
    run_on_host one --cpus 1 && return
    remove one
    limit_by='an affinity mask, as this machine gives containers no CPU quota'
    run_on_host one --cpuset-cpus 0
}

one_shard() {
    echo "$line" | grep -E ', 1 shard \(([0-9]+ CPUs?, a quota of 1|1 CPU, no quota)\)$'
}

check_one_cpu() {
    phase 'podman: limited to one CPU'
    check 'it starts with one CPU' run_on_one_cpu
    echo "# by $limit_by: $line"
    check 'it has one shard and says why' one_shard
    check 'it serves' routes
    check 'SIGTERM ends it with status 0' end one
}

health() { # URL: the check of the image itself, at another address
    engine 60 exec health gyre-httpd --check "$1"
}

sick() { # URL
    ! health "$1"
}

# In a network of its own, so that the port of the image is free.
check_health() {
    phase 'podman: the health check'
    check 'it starts as the image says, in a network of its own' run health --network none --
    check 'the health check passes' health http://127.0.0.1:8080/plaintext
    check 'the health check fails where nobody answers' sick http://127.0.0.1:8081/plaintext
    check 'the health check fails where the answer is an error' sick http://127.0.0.1:8080/nowhere
    remove health >/dev/null
}

under_way() { # waits, for at most ten seconds, until a shard has answered a hundred requests and the rest has begun
    tries=100
    until curl --silent --max-time 5 --noproxy '*' "$url/stats" | grep -qE '"requests":[1-9][0-9]{2}'; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || return
        sleep 0.1
    done
    sleep 0.5
}

stop_under() { # LOAD...: 0 when the server ends well and the load did too
    run_on_host load || return
    "$@" &
    load=$!
    under_way && end load && ended=0 || ended=1
    wait "$load" || ended=1
    load=''
    remove load
    return $ended
}

counted() { # kept | once
    timeout 30 python3 -B "$here/load.py" "$url" "$1"
}

# wrk takes a refused connection, of which there are many after the end, for an error of writing.
driven() { # WRK-ARGUMENTS...
    drive 5 "$@" "$url/plaintext" && cat "$cache/run/wrk" && ! grep 'Non-2xx' "$cache/run/wrk" &&
        ! grep 'Socket errors' "$cache/run/wrk" | grep -vE 'read 0, write [0-9]+, timeout 0'
}

check_stop() {
    phase 'podman: SIGTERM under load'
    check 'status 0 and every request answered, connections kept' stop_under counted kept
    check 'status 0 and every request answered, a connection for each' stop_under counted once
    check 'status 0 and no connection cut under wrk, connections kept' stop_under driven
    check 'status 0 and no connection cut under wrk, a connection for each request' \
        stop_under driven --header 'Connection: close'
}
