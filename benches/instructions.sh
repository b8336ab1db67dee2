#!/usr/bin/env bash
# Instructions per event and per attempt, counted by callgrind: the same on a busy machine as on an idle one.
#
# Each cell runs up to two horizons. The differences of instructions, events and attempts between the two
# leave out the start and the mail that is queued then. Needs valgrind and jq; takes some minutes.
#
#     benches/instructions.sh > benches/instructions.csv
set -euo pipefail
cd "$(dirname "$0")/.."

cells=$(cargo bench --bench cells --no-run --message-format=json |
    jq --raw-output 'select(.executable? and .target.name == "cells").executable')
counts=$(mktemp)
trap 'rm -f "$counts"' EXIT

# Instructions, events, looks, attempts and suppressed attempts of one cell.
count() {
    local row instructions
    row=$(valgrind --tool=callgrind --callgrind-out-file=/dev/null "$cells" once "$@" 2>"$counts" | tail -n 1)
    instructions=$(sed -n 's/.*Collected : //p' "$counts")
    echo "$instructions $(cut --delimiter=, --fields=6,7,8,9 --output-delimiter=' ' <<<"$row")"
}

echo "policy,queued,scale,from,to,events,looks,attempts,suppressed,instructions_per_event,instructions_per_attempt,instructions_per_attempt_or_suppressed"
while IFS=, read -r policy queued scale from to; do
    read -r i1 e1 l1 a1 s1 <<<"$(count "$policy" "$queued" "$from" 200 "$scale")"
    read -r i2 e2 l2 a2 s2 <<<"$(count "$policy" "$queued" "$to" 200 "$scale")"
    ((i = i2 - i1, e = e2 - e1, l = l2 - l1, a = a2 - a1, s = s2 - s1)) || true
    echo "$policy,$queued,$scale,$from,$to,$e,$l,$a,$s,$((i / e)),$((i / a)),$((i / (a + s)))"
done <<'CELLS'
full jitter,1000,1000,8h,40h
full jitter,10000,10000,2h,6h
full jitter,100000,100000,10m,40m
full jitter,1000000,1000000,1m,4m
full jitter,100,10000,2h,14h
postfix,10000,10000,2h,14h
exim,10000,10000,2h,14h
CELLS
