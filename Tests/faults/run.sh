#!/bin/bash
# Plants each fault of faults.tsv in a throw-away copy of the tree and checks that its tests fail.
#
#   Tests/faults/run.sh [PATTERN]     PATTERN: a regular expression on what is wrong; all faults without one
#
# The copy (FAULTS_COPY, default replications-faults in the temporary folder) is kept, so that builds are incremental.
# Exit status: 0 when every fault was caught, 1 when one was missed or could not be planted, 2 when the tests already
# fail without any.
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
copy=${FAULTS_COPY:-${TMPDIR:-/tmp}/replications-faults}
pattern=${1:-.}

mkdir -p "$copy"
rm -rf "${copy:?}"/{Sources,Tests,fixtures,papers,Package.swift}
(cd "$root" && tar -cf - Package.swift Sources Tests fixtures papers) | tar -xf - -C "$copy" || exit 2
cd "$copy" || exit 2

faults=$(grep -v '^#' "$here/faults.tsv" | grep -E "^[^	]*($pattern)[^	]*	")
if [ -z "$faults" ]; then
  echo "no fault matches '$pattern'" >&2
  exit 1
fi

build() { swift build --build-tests </dev/null >build.log 2>&1; }
tests() { swift test --skip-build --disable-xctest --filter "$1" </dev/null >test.log 2>&1; }

echo "without faults:"
if ! build; then
  cat build.log >&2
  exit 2
fi
while read -r filter; do
  if ! tests "$filter" || ! grep -q 'Test run with [1-9].* passed' test.log; then
    echo "  $filter does not pass, or there is no such test; see $copy/test.log" >&2
    exit 2
  fi
  echo "  passed    $filter"
done < <(cut -f 5 <<<"$faults" | sort -u)

missed=0
count=0
echo "with a fault:"
while IFS=$'\t' read -r name file from to filter; do
  count=$((count + 1))
  cp "$file" original
  # Literal text that must occur exactly once; a fault that no longer fits the source must not pass for caught.
  if ! FROM=$from TO=$to perl -0pi -e '
      my $n = () = /\Q$ENV{FROM}\E/g; s/\Q$ENV{FROM}\E/$ENV{TO}/; END { exit($n == 1 ? 0 : 1) }' "$file"; then
    verdict="not planted: the text does not occur exactly once in $file"
  elif ! build; then
    verdict="not planted: does not build; $(grep -m 1 'error:' build.log)"
  elif tests "$filter"; then
    verdict="MISSED by $filter"
  else
    verdict="caught"
  fi
  cp original "$file"
  [ "$verdict" = caught ] || missed=$((missed + 1))
  printf '  %-9s %s\n' "$verdict" "$name"
done <<<"$faults"

echo "$((count - missed)) of $count faults caught"
[ "$missed" -eq 0 ]
