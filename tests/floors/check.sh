#!/bin/sh
# check.sh ROOT - includes point downwards, and each foreign library is named only where it is wrapped.
set -eu
cd "$1"
floors='base|driver|loop|task|net|sync|stream|process'

includes() { # PATTERN FOLDERS...: the #include lines of what is named so
    pattern=$1 && shift
    grep -srnE --include='*.[chS]' "^ *# *include *$pattern" "$@"
}

words() { # PATTERN FOLDERS...: the lines of code that say it, comments left out
    pattern=$1 && shift
    grep -srnE --include='*.[chS]' "$pattern" "$@" | grep -vE '^[^:]*:[0-9]*: *(/?\*|//)'
}

upward() { # FLOOR, the private floors and the public headers that it must not see
    includes "(\"($2)/|<gyre/($3|gyre|shard)\.h>)" "framework/$1"
}

offences() { # every line that breaks a rule
    upward base 'driver|loop|task|net|sync|stream|process' 'loop|future|task|combine|timeout|task_group|thread|sync|queue|run|protocol|transport|server|stream|process'
    upward driver 'loop|task|net|sync|stream|process' 'loop|future|task|combine|timeout|task_group|thread|sync|queue|run|protocol|transport|server|stream|process'
    upward loop 'task|net|sync|stream|process' 'task|combine|timeout|task_group|thread|sync|queue|run|protocol|transport|server|stream|process'
    upward task 'net|sync|stream|process' 'sync|queue|protocol|transport|server|stream|process'
    upward net 'sync|stream|process' 'sync|queue|run|stream|process'
    upward sync 'net|stream|process' 'run|protocol|transport|server|stream|process'
    upward stream process 'run|process'
    includes '<gyre/run\.h>' framework/process
    includes '"' framework | grep -vE "\"($floors)/[a-z0-9_]*\.h\""
    includes '("|<gyre/)' executor | grep -vE '("(executor/)?[a-z]*|<gyre/executor)\.h[">]'
    includes "\"($floors|executor|shard|\.\.)/" apps perf tests/oracle | grep -v '^perf/task\.c:'
    words '\<uv_|<uv\.h>' executor framework shard apps | grep -vE '^framework/(driver|process)/'
    words '\<ck_[a-z]|<ck_' executor framework shard apps |
        grep -vE '^(framework/loop/[a-z_]*inbox[a-z_]*|executor/jobs|framework/base/ck_tsan)\.'
}

found=$(offences || :)
[ -z "$found" ] || { printf 'These lines break the order of the floors:\n%s\n' "$found" && exit 1; }
