#!/usr/bin/env python3
"""Compares the reference runs with our PyTorch prototypes, in pooled standard deviations.

    Tests/calibration/compare.py [EVIDENCE]

papers/*/prototype.json has, for numbers of some claims, the mean and the deviation over the seeds of the prototype that the
bounds were set with. They are compared with papers/*/results.json (with all seeds of the other root seeds where it has them,
with those of the reference run otherwise), or with the records in a folder of evidence. A difference of more than three pooled deviations is a mistake on one side until it is explained: such a row without an
explanation makes the script fail. A deviation of 0 in the prototype means that all its seeds shared what is measured.
"""

import json
import math
import pathlib
import statistics
import sys

root = pathlib.Path(__file__).resolve().parents[2]


def results(paper, evidence):
    """The records of a paper, and how their measurements scatter under other root seeds."""
    if evidence:
        found = [json.loads(file.read_text()) for file in sorted(evidence.rglob("*.json"))]
        own = [record for record in found if isinstance(record, dict) and record.get("claim", {}).get("paper") == paper]
        return own, {}
    run = json.loads((root / "papers" / paper / "results.json").read_text())
    return run["records"], run.get("rootSeeds", {}).get("spreads", {})


def spread(record, field, others):
    """Mean, deviation and number of what was measured."""
    known = others.get(record["claim"]["id"], {}).get(field)
    if known:
        return known["mean"], known["deviation"], known["count"]
    measurement = record["measurement"]
    if field == "mean":
        values = measurement["values"]
    elif field == "control":
        values = measurement["controls"]
    else:
        name = field.removeprefix("detail:")
        values = [details[name] for details in measurement["details"] if name in details]
    if len(values) < 2:
        return None, None, len(values)
    return statistics.mean(values), statistics.stdev(values), len(values)


def main():
    evidence = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else None
    unexplained = 0
    for file in sorted(root.glob("papers/*/prototype.json")):
        paper = file.parent.name
        records, others = results(paper, evidence)
        known = {record["claim"]["id"]: record for record in records}
        print(f"\n{paper}\n\n| metric | here | n | prototype | n | pooled deviations |\n| --- | --- | --- | --- | --- | --- |")
        explained = []
        for row in json.loads(file.read_text()):
            record = known.get(row["claim"])
            mean, deviation, count = spread(record, row["field"], others) if record else (None, None, 0)
            if count < 2:
                print(f"| {row['metric']} | not measured | | {row['mean']:.4g} ± {row['sd']:.2g} | {row['n']} | |")
                continue
            degrees = count + row["n"] - 2
            pooled = math.sqrt(((count - 1) * deviation**2 + (row["n"] - 1) * row["sd"] ** 2) / degrees)
            distance = (mean - row["mean"]) / pooled if pooled else math.inf
            mark = ""
            if abs(distance) > 3:
                mark = " *" if "explanation" in row else " **unexplained**"
                unexplained += "explanation" not in row
            if "explanation" in row:
                explained.append(f"{row['metric']}: {row['explanation']}")
            print(
                f"| {row['metric']} | {mean:.4g} ± {deviation:.2g} | {count} | {row['mean']:.4g} ± {row['sd']:.2g} | "
                f"{row['n']} | {distance:+.1f}{mark} |"
            )
        print("".join(f"\n* {line}" for line in explained))
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
