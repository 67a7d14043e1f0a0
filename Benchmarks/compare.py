#!/usr/bin/env python3
"""Times the training steps of the toy models here and in PyTorch and JAX: one run, one thread each, one table.

    swift build -c release && ./compare.py [PEERS] [--rounds 2] [--kernel Haswell]

PEERS (or the variable PEERS; default ../shared/bench beside the checkout) is the folder with the peers' scripts, PYTHON
the interpreter that has torch and jax. Every time is CPU seconds of one step, of superposition models at batch 1024, data
drawn in the step. All sides take turns, and the best of each one's rounds counts: the machine's speed drifts, and drifts for
all. With --kernel the engine takes one more turn with OpenBLAS pinned to that kernel. Sparse is S = 0.99, as in the peers' scripts; dense is S = 0, where every feature is
active and nothing can be skipped. Modular addition is p = 113, 3,830 pairs in one batch, the loss in double precision.
Sparse autoencoders have 512 inputs, 4,096 latents and 4,096 samples: with L1, as in the peers' scripts, where half of the
latents are active, and with the 32 largest of each sample. --only sae leaves out everything else; --only train times
attention-only transformers and modular addition instead. Both then show the floor too: the matrix products alone.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
CASE = re.compile(r"tms\.(\w+?)\.(I\d+_F\d+_h\d+)_B1024_(?:(\d+)steps|step)(?:\.p(\S+))?$")
AUTOENCODER = re.compile(r"sae\.(\w+?)\.(512x4096_B4096)_step(\.k32)?$")
ATTENTION = re.compile(r"attnonly\.(\w+?)\.(d\d+_h\d+_V\d+_T\d+_B\d+)_step$")
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

# Their autoencoder with the 32 largest latents of each sample in the place of L1.
LARGEST_TORCH = """
import torch, train_torch as T
from torch import nn
encoder, decoder = T.P(512, 4096), T.P(4096, 512)
bias, offset = nn.Parameter(torch.zeros(4096)), nn.Parameter(torch.zeros(512))
optimizer = torch.optim.AdamW([encoder, bias, decoder, offset], lr=1e-4)
x = torch.randn(4096, 512)
def loss(x):
    rectified = torch.relu((x - offset) @ encoder + bias)
    largest = rectified.topk(32, dim=1)
    latents = torch.zeros_like(rectified).scatter(1, largest.indices, largest.values)
    return ((latents @ decoder + offset - x) ** 2).sum(-1).mean()
loss = T.wrap(loss)
def step():
    optimizer.zero_grad(set_to_none=True)
    loss(x).backward()
    optimizer.step()
    with torch.no_grad(): decoder.div_(decoder.norm(dim=1, keepdim=True))
T.C.bench(f"sae.{T.TAG}.512x4096_B4096_step.k32", step, 5 * 2.0 * 4096 * 512 * 4096, "flop")
"""
LARGEST_JAX = """
import os
os.environ["FILTER"] = "none of its own cases"
import train_jax as J
from train_jax import jax, jnp, f32
J.C.FILTER = ""
x = J.rn(4096, 512, sc=1.0)
def loss(p, k):
    rectified = jax.nn.relu((x - p["bd"]) @ p["We"] + p["be"])
    values, places = jax.lax.top_k(rectified, 32)
    latents = jnp.zeros_like(rectified).at[jnp.arange(4096)[:, None], places].set(values)
    return ((latents @ p["Wd"] + p["bd"] - x) ** 2).sum(-1).mean()
(step, state), _ = J.mk(loss, dict(
    We=J.rn(512, 4096), be=jnp.zeros(4096, f32), Wd=J.rn(4096, 512), bd=jnp.zeros(512, f32))), 0
normalized = jax.jit(lambda w: w / jnp.linalg.norm(w, axis=1, keepdims=True))
def whole(s):
    p, *rest = step(s)
    return (dict(p, Wd=normalized(p["Wd"])), *rest)
J.C.bench("sae.jax.512x4096_B4096_step.k32", J.runner(whole, state), 5 * 2.0 * 4096 * 512 * 4096, "flop")
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
        elif match := ATTENTION.match(fields[0]):
            times.setdefault(match[1], {})[match[2], "tokens"] = float(fields[2])
        elif match := AUTOENCODER.match(fields[0]):
            times.setdefault(match[1], {})[match[2], "k = 32" if match[3] else "L1"] = float(fields[2])
        elif match := ADDITION.match(fields[0]):
            times.setdefault(match[1], {})[match[2], "addition"] = float(fields[2])
    if not times:
        sys.exit(f"{' '.join(map(str, command))} measured nothing")
    return times


def order(key):
    """By density, then by the number of features; modular addition and autoencoders last."""
    case, density = key
    if density == "tokens":
        return (1.5, *(int(number) for number in re.findall(r"\d+", case)[:3]))
    if density in ("L1", "k = 32"):
        return (3, density == "k = 32")
    return (2, 0) if density == "addition" else (float(density), int(case.split("_F")[1].split("_")[0]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peers", nargs="?", default=os.environ.get("PEERS", HERE.parent.parent / "shared/bench"))
    parser.add_argument("--kernel", help="time the engine with this OpenBLAS kernel too")
    parser.add_argument("--only", choices=["sae", "train"], help="time these only: autoencoders; transformers")
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    peers, python = pathlib.Path(options.peers).resolve(), os.environ.get("PYTHON", sys.executable)
    bench = HERE / ".build/release/Bench"
    for needed in (bench, peers / "train_torch.py", peers / "train_jax.py"):
        if not needed.exists():
            sys.exit(f"{needed} does not exist; see the head of {pathlib.Path(__file__).name}")

    def take(times):
        for who, cases in times.items():
            best = results.setdefault(who, {})
            for case, seconds in cases.items():
                best[case] = min(seconds, best.get(case, seconds))

    def peer(*arguments):
        wanted = {"sae": "sae", "train": "attnonly,grok."}.get(options.only, "tms,grok.,sae")
        take(run([python, *arguments], THREADS="1", FILTER=wanted, PYTHONPATH=str(peers)))

    results = {}
    engine = [bench, options.only] if options.only else [bench]
    scripts = [] if options.only == "train" else [(LARGEST_TORCH, LARGEST_JAX)]
    scripts += [] if options.only else [(DENSE_TORCH, DENSE_JAX)]
    for _ in range(options.rounds):
        take(run(engine))
        if options.kernel:
            take({f"swift, {options.kernel}": run(engine, OPENBLAS_CORETYPE=options.kernel)["swift"]})
        if options.only:
            take(run([bench, "floors"], FILTER={"sae": "sae.", "train": "attnonly."}[options.only]))
        for mode in ("eager", "compile"):
            peer(peers / "train_torch.py", mode)
            for torch, _ in scripts:
                peer("-c", torch, mode)
        peer(peers / "train_jax.py")
        for _, jax in scripts:
            peer("-c", jax)

    own = [name for name in ("swift", f"swift, {options.kernel}", "floor") if name in results]
    names = sorted(set(results) - set(own))
    print("| case | data | " + " | ".join(own + names) + " | best peer / swift |")
    print("|---|---|" + "---|" * (len(own) + len(names) + 1))
    for case, density in sorted(results["swift"], key=order):
        mine = [results[name].get((case, density)) for name in own]
        theirs = [results[name].get((case, density)) for name in names]
        known = [time for time in theirs if time is not None]
        engines = [time for name, time in zip(own, mine) if name != "floor"]
        ratios = ", ".join(f"{min(known) / time:.1f}" for time in engines) if known else "–"
        data = {"0.01": "sparse", "1.0": "dense", "addition": "3,830 pairs", "tokens": "tokens", "L1": "L1", "k = 32": "k = 32"}.get(density, f"p = {density}")
        cells = [f"{time * 1e3:.3g} ms" if time is not None else "–" for time in mine + theirs]
        print(f"| {case.replace('_', ' ')} | {data} | " + " | ".join(cells) + f" | {ratios} |")


if __name__ == "__main__":
    main()
