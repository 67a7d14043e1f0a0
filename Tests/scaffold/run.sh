#!/usr/bin/env bash
# Does what CONTRIBUTING.md begins with: writes a new finding, builds it, runs it, and publishes its note.
#
#   Tests/scaffold/run.sh
#
# Slow, since the package is built with the finding in it: not part of `swift test`. It writes into this working tree, which
# must not have changes of its own there, and takes away what it wrote.
set -euo pipefail
cd "$(dirname "$0")/../.."

finding=NearlyOrthogonal
paper=roe2021random
registry=Sources/Replications/Findings.swift
written=("papers/$paper" "Sources/Replications/$finding" "Tests/ReplicationTests/$finding")

for path in "${written[@]}"; do
  [ ! -e "$path" ] || { echo "scaffold: $path is there already" >&2; exit 2; }
done
kept=$(mktemp -d)
cp "$registry" "$kept/Findings.swift"
trap 'cp "$kept/Findings.swift" "$registry"; rm -rf "${written[@]}" "evidence/$finding" "$kept"' EXIT

export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1
swift run replicate new-finding "$finding" --paper "$paper"
swift format lint --strict -r "${written[@]:1}"
swift build --product replicate
replicate=$(swift build --show-bin-path)/replicate
"$replicate" run "$finding" --evidence "$kept/evidence"
"$replicate" publish "$paper" --evidence "$kept/evidence"
"$replicate" publish "$paper" --check
# The suite is what a reader of CONTRIBUTING.md runs; SCAFFOLD_SUITE=0 leaves out the build of the tests.
if [ "${SCAFFOLD_SUITE:-1}" = 1 ]; then
  log=$kept/log
  swift test --filter "$finding" 2>&1 | tee "$log"
  grep -qE 'Test run with [1-9][0-9]* test' "$log"
fi
echo "scaffold: built, run, published and checked"
