#!/usr/bin/env python3
"""Times GPT-2 small's shape here, in TransformerLens, PyTorch and NumPy: one run, one table.

    swift build -c release && PYTHON=…/bin/python ./gpt2.py [PEERS] [--threads 1 2] [--rounds 1] [--only CASES] [--skip-process]

PEERS (default ../shared/bench beside the checkout) is the folder with the peers' scripts; PYTHON has torch, numpy and
transformer_lens 4.3. With one thread every time is CPU seconds, with two the clock's. With several rounds all sides take
turns, and the best of each counts: the machine's speed drifts, and drifts for all. The last rows are whole processes
that load 500 MB of safetensors and print the logits of 15 tokens, with the peak of their memory: `replicate model run`
(the release build of the package beside this folder) against TransformerLens and PyTorch.
"""

import argparse
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
GOALS = {  # at least so many times the peer
    "fwd_4x256": {"tl4bridge": 1.8, "torch": 1.5, "numpy": 1.1}, "fwd_1x1024": {"tl4bridge": 1.8, "torch": 1.5, "numpy": 1.1},
    "fwd_1x15": {"tl4bridge": 3}, "fwd_cache_1x1024": {"tl4bridge": 2.5}, "fwd_cache_4x256": {"tl4bridge": 2.5},
    "patch_heads_144_8x15": {"tl4bridge": 6}, "gen50_kv": {"tl4bridge": 4},
}


def environment(threads, wanted=""):
    kept = {key: value for key, value in os.environ.items() if key not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "THREADS"):
        kept[name] = str(threads)
    return kept | {"TARGET": "3", "BUDGET": "20", "FILTER": wanted}


def measure(command, threads, results, wanted, **kwargs):
    done = subprocess.run(command, env=environment(threads, wanted), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **kwargs)
    if done.returncode != 0:
        print(f"# {' '.join(map(str, command))} failed: {done.stderr[-400:]}", file=sys.stderr)
    for line in done.stdout.splitlines():
        fields = line.split("\t")
        if line.startswith("gpt2.") and len(fields) > 3:
            _, who, case = fields[0].split(".", 2)
            results.setdefault(case, {})[who] = min(float(fields[2]), results.get(case, {}).get(who, float("inf")))


def process(name, command, folder, environment):
    walls, peak = [], 0
    for _ in range(3):
        start = time.perf_counter()
        child = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        _, status, usage = os.wait4(child.pid, 0)
        walls.append(time.perf_counter() - start)
        peak = max(peak, usage.ru_maxrss / 1024)
        if status:
            return print(f"# {name} failed: {child.stderr.read()[-300:]}", file=sys.stderr)
    print(f"| {name} | {min(walls):.2f} s | {peak:.0f} MiB |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peers", nargs="?", default=HERE.parent.parent / "shared/bench")
    parser.add_argument("--threads", nargs="*", type=int, default=[1, 2])
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--only", default="", metavar="CASES",
                        help="parts of names of forward passes, separated by commas; nothing else is timed")
    parser.add_argument("--skip-process", action="store_true")
    options = parser.parse_args()
    peers, python = pathlib.Path(options.peers).resolve(), os.environ.get("PYTHON", sys.executable)
    for threads in options.threads:
        results = {}
        tasks = ["forward"] if options.only else ["patch", "gen"] if threads == 1 else ["gen"]
        scripts = [["gpt2_numpy.py"], ["gpt2_torch.py"], ["gpt2_tl.py", *tasks]]
        if not options.only:
            scripts.append(["gpt2_train_torch.py"])
        for _ in range(options.rounds):
            wanted = options.only or "gpt2."
            for part in ("gpt2", "floors"):
                measure([HERE / ".build/release/Bench", part], threads, results, wanted)
            for script, *arguments in scripts:
                measure([python, "-W", "ignore", peers / script, *arguments], threads, results, wanted, cwd=peers)
        names = ["numpy", "torch", "tl4bridge", "floor"]
        print(f"\n{threads} thread{'s, clock' if threads > 1 else ', CPU'} seconds\n\n| case | swift | " + " | ".join(names) + " | ratios |")
        print("|---|---|" + "---|" * (len(names) + 1))
        for case, times in results.items():
            if "swift" not in times:
                continue
            cells = [f"{times[name]:.3g}" if name in times else "–" for name in names]
            goals = GOALS.get(case, {})
            ratios = [f"{name} {times[name] / times['swift']:.2f}" + (f" (goal {goals[name]})" if name in goals else "")
                      for name in names if name in times]
            print(f"| {case} | {times['swift']:.3g} | " + " | ".join(cells) + " | " + ", ".join(ratios) + " |", flush=True)
    if options.skip_process or options.only:
        return
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([python, peers / "oneshot/mk.py"], cwd=folder, check=True, env=environment(2))
        print("\n| process: 15 tokens from 500 MB | wall | peak |\n|---|---|---|")
        replicate = HERE.parent / ".build/release/replicate"
        tokens = ",".join(str(token) for token in range(15))
        process("swift", [replicate, "model", "run", "gpt2rand", "--tokens", tokens], folder, environment(1))
        for name in ("tl4", "hf", "torch_plain", "numpy_plain"):
            process(name, [python, "-W", "ignore", peers / f"oneshot/{name}.py"], folder, environment(2))


main()
