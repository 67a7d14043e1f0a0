#!/bin/sh
# Shows that a warm training step allocates nothing: twice the steps, the same number of allocations (valgrind counts
# every call of malloc and its kin in the whole process, and slows it about fiftyfold).
set -eu
cd "$(dirname "$0")"
steps=${1:-3}
swift build -c release
count() {
  valgrind --run-libc-freeres=no .build/release/Bench steps "$1" 2>&1 |
    sed -n 's/.*total heap usage: \([0-9,]*\) allocs.*/\1/p' | tr -d ,
}
once=$(count "$steps")
twice=$(count $((2 * steps)))
echo "$steps steps of every case: $once allocations; $((2 * steps)) steps: $twice"
if [ -z "$once" ] || [ "$once" != "$twice" ]; then
  echo "a training step allocates" >&2
  exit 1
fi
