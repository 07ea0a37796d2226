#!/bin/sh
# Adds up what the tests with faults have written down: total.sh LOG
set -eu
awk '{ scenarios += $1; runs += $2; faults += $3 }
    END {
        printf "%d faults injected in %d runs, %d scenarios\n", faults, runs, scenarios
        exit !(faults && scenarios)
    }' "$1"
