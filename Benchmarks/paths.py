#!/usr/bin/env python3
"""Patching on GPT-2 small's shape with random weights: the engine against TransformerLens, one thread, CPU seconds.

    swift build -c release && PYTHON=…/bin/python ./paths.py

Activation patching of all 144 heads, and path patching, which TransformerLens 4.3 has not of its own: its side is written as the code of Wang et al. 2022 does it on its
hooks, with what an attentive user would save: runs A and B are made once, heads are frozen as their z, and run D starts
from the tokens. 8 rows of 15 tokens; paths at the last position: all 144 heads to the logits, then 36 heads (layers 6 to 8)
to the queries of 9.9, 9.6 and 10.0.
"""

import logging
import os
import pathlib
import subprocess
import sys
import time
import warnings

HERE = pathlib.Path(__file__).resolve().parent


def peer():
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    import torch
    from transformer_lens.model_bridge.sources import build_bridge_from_module
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    torch.manual_seed(0)
    hf = GPT2LMHeadModel(GPT2Config(attn_implementation="eager")).eval()
    model = build_bridge_from_module(hf, "GPT2LMHeadModel", hf_config=hf.config, model_name="gpt2-random")
    model.enable_compatibility_mode(disable_warnings=True)
    original, new = torch.randint(0, 50257, (8, 15)), torch.randint(0, 50257, (8, 15))
    is_z = lambda name: name.endswith("attn.hook_z")

    def caches():
        return [model.run_with_cache(tokens, names_filter=is_z)[1] for tokens in (new, original)]

    def frozen(a, b, layer, head):
        def hook(z, hook):
            z = b[hook.name].clone()
            if hook.name == f"blocks.{layer}.attn.hook_z":
                z[:, -1, head] = a[hook.name][:, -1, head]
            return z
        return [(f"blocks.{other}.attn.hook_z", hook) for other in range(layer, 12)]

    def difference(logits):
        return logits[:, -1, 10] - logits[:, -1, 20]

    def to_logits():
        a, b = caches()
        return [difference(model.run_with_hooks(original, fwd_hooks=frozen(a, b, layer, head)))
                for layer in range(12) for head in range(12)]

    def to_queries():
        a, b = caches()
        receivers = {9: [9, 6], 10: [0]}
        results = []
        for layer in range(6, 9):
            for head in range(12):
                stored = {}

                def store(q, hook):
                    stored[hook.name] = q.clone()

                def receive(q, hook):
                    heads = receivers[hook.layer()]
                    q[:, :, heads] = stored[hook.name][:, :, heads]
                    return q
                names = [f"blocks.{to}.attn.hook_q" for to in receivers]
                model.run_with_hooks(
                    original, fwd_hooks=frozen(a, b, layer, head) + [(name, store) for name in names],
                    stop_at_layer=11)
                results.append(difference(model.run_with_hooks(
                    original, fwd_hooks=[(name, receive) for name in names])))
        return results

    def heads():
        a = model.run_with_cache(new, names_filter=is_z)[1]
        results = []
        for layer in range(12):
            for head in range(12):
                def patch(z, hook):
                    z[:, :, head] = a[hook.name][:, :, head]
                    return z
                results.append(difference(model.run_with_hooks(
                    original, fwd_hooks=[(f"blocks.{layer}.attn.hook_z", patch)])))
        return results

    model(original)
    for name, body, work in (("patch_heads_144_8x15", heads, 144), ("paths_144_to_logits_8x15", to_logits, 144), ("paths_36_to_q_8x15", to_queries, 36)):
        start = time.process_time()
        body()
        print(f"gpt2.tl4bridge.{name}\t{work}\t{time.process_time() - start}\tpath", flush=True)


def main():
    kept = {key: value for key, value in os.environ.items() if key not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}
    kept |= {name: "1" for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "THREADS")}
    times = {}
    bench = HERE / ".build/release/Bench"
    kept["FILTER"] = "patch_,paths_"
    for command in ([bench, "gpt2"],
                    [os.environ.get("PYTHON", sys.executable), "-W", "ignore", __file__, "peer"]):
        done = subprocess.run(command, env=kept, text=True, stdout=subprocess.PIPE, check=True)
        for line in done.stdout.splitlines():
            if line.startswith("gpt2."):
                _, side, case = line.split("\t")[0].split(".", 2)
                times.setdefault(case, {})[side] = float(line.split("\t")[2])
    print("| case | swift | tl4bridge | ratio |\n|---|---|---|---|")
    for case, sides in times.items():
        if len(sides) < 2:
            continue
        print(f"| {case} | {sides['swift']:.3g} | {sides['tl4bridge']:.3g} | {sides['tl4bridge'] / sides['swift']:.2f} |")


if __name__ == "__main__":
    peer() if sys.argv[1:] == ["peer"] else main()
