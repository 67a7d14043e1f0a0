#!/usr/bin/env python3
"""Times the training steps of the toy models here and in PyTorch and JAX: one run, one thread each, one table.

    swift build -c release && ./compare.py [PEERS] [--kernel Haswell]

PEERS (or the variable PEERS; default ../shared/bench beside the checkout) is the folder with the peers' scripts, PYTHON
the interpreter that has torch and jax. Every time is CPU seconds of one step, batch 1024, data drawn in the step. The
engine is timed before and after its peers, and the slower of the two counts. With --kernel it is timed once more with
OpenBLAS pinned to that kernel. Sparse is S = 0.99, as in the peers' scripts; dense is S = 0, where every feature is
active and nothing can be skipped. Modular addition is p = 113, 3,830 pairs in one batch, the loss in double precision.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
CASE = re.compile(r"tms\.(\w+?)\.(I\d+_F\d+_h\d+)_B1024_(?:(\d+)steps|step)(?:\.p(\S+))?$")
ADDITION = re.compile(r"grok\.(\w+?)\.(p113_fullbatch)_f64loss_step$")

# The peers' own models with S = 0, under the names that the engine's dense cases have.
DENSE_TORCH = """
import train_torch as T
for case in T.TM:
    step, work = T.tms(*case, S=0.0)
    T.C.bench(f"tms.{T.TAG}.I{case[0]}_F{case[1]}_h{case[2]}_B1024_step.p1.0", step, work, "flop")
"""
DENSE_JAX = """
import os
os.environ["FILTER"] = "none of its own cases"
import train_jax as J
J.C.FILTER = ""
for case in J.TM:
    (step, state), work = J.tms(*case, S=0.0)
    J.C.bench(f"tms.jax.I{case[0]}_F{case[1]}_h{case[2]}_B1024_step.p1.0", J.runner(step, state), work, "flop")
"""


def run(command, **environment):
    """The command's measurements: {(case, density): seconds of one step} by the name of who did the work."""
    unset = {"OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"}
    kept = {key: value for key, value in os.environ.items() if key not in unset}
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        kept[name] = "1"
    done = subprocess.run(command, env=kept | environment, text=True, capture_output=True)
    if done.returncode != 0:
        sys.exit(f"{command[0]} failed with status {done.returncode}:\n{done.stderr[-2000:]}")
    times = {}
    for line in done.stdout.splitlines():
        if line.startswith("#"):
            print(line, file=sys.stderr)
        fields = line.split("\t")
        if match := CASE.match(fields[0]):
            who, case, steps, density = match.groups()
            times.setdefault(re.sub(r"\d+$", "", who), {})[case, density or "0.01"] = float(fields[2]) / int(steps or 1)
        elif match := ADDITION.match(fields[0]):
            times.setdefault(match[1], {})[match[2], "addition"] = float(fields[2])
    if not times:
        sys.exit(f"{' '.join(map(str, command))} measured nothing")
    return times


def order(key):
    """By density, then by the number of features; modular addition last."""
    case, density = key
    return (2, 0) if density == "addition" else (float(density), int(case.split("_F")[1].split("_")[0]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peers", nargs="?", default=os.environ.get("PEERS", HERE.parent.parent / "shared/bench"))
    parser.add_argument("--kernel", help="time the engine with this OpenBLAS kernel too")
    options = parser.parse_args()
    peers, python = pathlib.Path(options.peers).resolve(), os.environ.get("PYTHON", sys.executable)
    bench = HERE / ".build/release/Bench"
    for needed in (bench, peers / "train_torch.py", peers / "train_jax.py"):
        if not needed.exists():
            sys.exit(f"{needed} does not exist; see the head of {pathlib.Path(__file__).name}")

    def peer(*arguments):
        return run([python, *arguments], THREADS="1", FILTER="tms,grok.", PYTHONPATH=str(peers))

    before = run([bench])["swift"]
    results = {}
    for mode in ("eager", "compile"):
        for measured in (peer(peers / "train_torch.py", mode), peer("-c", DENSE_TORCH, mode)):
            for who, times in measured.items():
                results.setdefault(who, {}).update(times)
    for measured in (peer(peers / "train_jax.py"), peer("-c", DENSE_JAX)):
        for who, times in measured.items():
            results.setdefault(who, {}).update(times)
    pinned = run([bench], OPENBLAS_CORETYPE=options.kernel)["swift"] if options.kernel else {}
    after = run([bench])["swift"]

    names = sorted(results)
    columns = ["swift"] + ([f"swift, {options.kernel}"] if pinned else [])
    print("| case | data | " + " | ".join(columns + names) + " | best peer / swift |")
    print("|---|---|" + "---|" * (len(columns) + len(names) + 1))
    for case, density in sorted(before, key=order):
        mine = [max(before[case, density], after[case, density])]
        mine += [pinned[case, density]] if pinned else []
        theirs = [results[name].get((case, density)) for name in names]
        known = [time for time in theirs if time is not None]
        ratios = ", ".join(f"{min(known) / time:.1f}" for time in mine) if known else "–"
        data = {"0.01": "sparse", "1.0": "dense", "addition": "3,830 pairs"}.get(density, f"p = {density}")
        cells = [f"{time * 1e3:.3g} ms" if time is not None else "–" for time in mine + theirs]
        print(f"| {case.replace('_', ' ')} | {data} | " + " | ".join(cells) + f" | {ratios} |")


if __name__ == "__main__":
    main()
