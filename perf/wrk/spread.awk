# spread.awk - how evenly the shards shared one script's work: awk -v script=NAME -f spread.awk BEFORE MIDDLE AFTER
# The files hold what /stats said before, in the middle of and after the run. Requests are the difference between the
# last and the first, connections are those of the middle; the looks themselves are among them.

function number(object, name) {
    match(object, "\"" name "\"[ \t]*:[ \t]*")
    return substr(object, RSTART + RLENGTH) + 0
}

# Fills values[1..shards] with one number of each shard.
function read_shards(json, name, values,    i, objects) {
    sub(/.*"shards"[^[]*\[/, "", json)
    sub(/\].*/, "", json)
    shards = split(json, objects, "{") - 1
    for (i = 1; i <= shards; i++)
        values[i] = number(objects[i + 1], name)
}

function print_line(name, values,    i, sum, max, list) {
    for (i = 1; i <= shards; i++) {
        sum += values[i]
        max = values[i] > max ? values[i] : max
        list = list " " values[i]
    }
    printf "%-9s  %-11s  %8.2f %s\n", script, name, sum ? max * shards / sum : 0, list
}

{ text[FILENAME] = text[FILENAME] $0 }

END {
    read_shards(text[ARGV[1]], "requests", before)
    read_shards(text[ARGV[2]], "connections", connections)
    read_shards(text[ARGV[3]], "requests", requests)
    for (i = 1; i <= shards; i++)
        requests[i] -= before[i]
    print_line("requests", requests)
    print_line("connections", connections)
}
