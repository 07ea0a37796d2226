#!/bin/sh
# check.sh ROOT - every C file is as clang-format leaves it.
set -eu
cd "$1"
find executor framework shard apps tests perf -name '*.[ch]' -exec clang-format --dry-run --Werror {} +
