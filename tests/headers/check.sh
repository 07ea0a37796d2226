#!/bin/sh
# check.sh ROOT - each public header must compile alone, twice in a row, as C11 and as C++17, without a warning.
set -eu
root=$1
failed=0
set -- "$root/executor/include" "$root/framework/include" "$root/shard/include"
flags="-I$1 -I$2 -I$3 -Wall -Wextra -pedantic -Werror -fsyntax-only"

try() { # HEADER COMPILER LANGUAGE STANDARD
    command -v "$2" >/dev/null || return 0
    # shellcheck disable=SC2086
    printf '#include <%s>\n#include <%s>\n' "$1" "$1" |
        "$2" $flags -x "$3" "-std=$4" - ||
        { echo "$1 does not compile alone: $2 -std=$4" && failed=1; }
}

for path in $(find "$@" -name '*.h' | sort); do
    header=gyre/${path##*/gyre/}
    for compiler in gcc clang; do try "$header" "$compiler" c c11; done
    for compiler in g++ clang++; do try "$header" "$compiler" c++ c++17; done
done
exit $failed
