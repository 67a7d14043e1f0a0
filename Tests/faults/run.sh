#!/bin/bash
# Plants each fault of faults.tsv in a throw-away copy of the tree and checks that its tests fail.
#
#   Tests/faults/run.sh [PATTERN]     PATTERN: a regular expression on what is wrong; all faults without one
#
# The copies (FAULTS_COPY, default replications-faults in the temporary folder) are kept, so that builds are
# incremental: "engine" has ToyModels, Transformer and what they stand on, "whole" everything.
# Exit status: 0 when every fault was caught, 1 when one was missed or could not be planted, 2 when the tests already
# fail without any.
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
copies=${FAULTS_COPY:-${TMPDIR:-/tmp}/replications-faults}

# Which copy a file's faults are planted in.
copy_for() {
  case $1 in Sources/ToyModels/* | Sources/Transformer/* | Sources/Tensors/*) echo engine ;; *) echo whole ;; esac
}

prepare() {
  mkdir -p "$copies/$1"
  rm -rf "${copies:?}/$1"/{Sources,Tests,fixtures,papers,Package.swift}
  (cd "$root" && tar -cf - Package.swift Sources Tests fixtures papers) | tar -xf - -C "$copies/$1" || exit 2
  [ "$1" = whole ] || cp -p "$here/EnginePackage.swift" "$copies/$1/Package.swift"
}

build() { (cd "$copies/$1" && swift build --build-tests) </dev/null >"$copies/build.log" 2>&1; }

tests() {
  (cd "$copies/$1" && swift test --skip-build --disable-xctest --filter "$2") </dev/null >"$copies/test.log" 2>&1
}

# Replaces literal text that must occur exactly once: a fault that no longer fits the source is not planted.
plant() {
  FROM=$2 TO=$3 perl -0pi -e '
    $n += () = /\Q$ENV{FROM}\E/g; s/\Q$ENV{FROM}\E/$ENV{TO}/; END { $? = $n == 1 ? 0 : 1 }' "$1"
}

faults=$(grep -v '^#' "$here/faults.tsv" | awk -F '\t' -v pattern="${1:-.}" '$1 ~ pattern')
if [ -z "$faults" ]; then
  echo "no fault matches '$1'" >&2
  exit 1
fi

echo "without faults:"
while IFS=$'\t' read -r copy filter; do
  if [ "$copy" != "${prepared:-}" ]; then
    prepared=$copy
    prepare "$copy"
    build "$copy" || { cat "$copies/build.log" >&2; exit 2; }
  fi
  if ! tests "$copy" "$filter" || ! grep -q 'Test run with [1-9].* passed' "$copies/test.log"; then
    echo "  $filter does not pass, or there is no such test; see $copies/test.log" >&2
    exit 2
  fi
  echo "  passed    $filter"
done < <(while IFS=$'\t' read -r _ file _ _ filter; do
  printf '%s\t%s\n' "$(copy_for "$file")" "$filter"
done <<<"$faults" | sort -u)

missed=0
count=0
echo "with a fault:"
while IFS=$'\t' read -r name file from to filter; do
  count=$((count + 1))
  copy=$(copy_for "$file")
  cp "$copies/$copy/$file" "$copies/original"
  if ! plant "$copies/$copy/$file" "$from" "$to"; then
    verdict="not planted, for its text does not occur exactly once in $file:"
  elif ! build "$copy"; then
    verdict="not planted, for it does not build ($(grep -m 1 'error:' "$copies/build.log")):"
  elif tests "$copy" "$filter"; then
    verdict="MISSED by $filter:"
  else
    verdict="caught"
  fi
  cp "$copies/original" "$copies/$copy/$file"
  [ "$verdict" = caught ] || missed=$((missed + 1))
  printf '  %-9s %s\n' "$verdict" "$name"
done <<<"$faults"

echo "$((count - missed)) of $count faults caught"
[ "$missed" -eq 0 ]
