"""What a model's severity says of films that no radiologist scored, beside what was not judged by an eye: intensive care, blood values.

    python3 severity-elsewhere.py CLI.dll DATA MODEL

CLI.dll is the built command line, DATA the folder that holds `hannover`. Needs scipy and scikit-learn. Intervals: 95%, 2,000 resamples of
the patients. Films that the guard withholds are counted and left out.
"""
import csv
import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

SAME_TIME = 1  # days between a blood value and its film


def number(cell):
    try:
        return float(cell)
    except ValueError:
        return math.nan


def severities(cli, model, images):
    command = ["dotnet", cli, "predict", "--model", model, "--json", *map(str, images)]
    said = json.loads(subprocess.run(command, check=False, capture_output=True, text=True).stdout)
    return {Path(f["file"]).stem: f["severity"] for f in said["files"] if f.get("severity")}


def with_interval(rows, measure):
    """measure: of rows, nan where they do not define it."""
    by_patient = {}
    for row in rows:
        by_patient.setdefault(row["patient"], []).append(row)
    patients, random = list(by_patient.values()), np.random.default_rng(20261129)
    again = []
    for _ in range(2000):
        drawn = [r for i in random.integers(0, len(patients), len(patients)) for r in patients[i]]
        again.append(measure(drawn))
    low, high = np.nanpercentile(again, [2.5, 97.5])
    return f"{measure(rows):.2f} ({low:.2f} to {high:.2f}), {len(rows)} films of {len(patients)} patients"


def area(rows):
    truth = [r["icu"] for r in rows]
    return roc_auc_score(truth, [r["said"] for r in rows]) if len(set(truth)) == 2 else math.nan


def correlation(of):
    return lambda rows: spearmanr([r["said"] for r in rows], [r[of] for r in rows])[0] if len(rows) > 2 else math.nan


def order(rows, of):
    """Of two films of one patient that differ in a value, how often the severity differs in the same direction."""
    right = pairs = 0
    for i, a in enumerate(rows):
        for b in rows[i + 1:]:
            if a["patient"] == b["patient"] and a is not b and a[of] != b[of]:
                pairs += 1
                right += 0.5 if a["said"] == b["said"] else (a["said"] > b["said"]) == (a[of] > b[of])
    return right / pairs if pairs else math.nan


def main():
    cli, data, model = sys.argv[1:]
    folder = Path(data) / "hannover"
    table = list(csv.DictReader(open(folder / "data.csv", encoding="utf-8")))
    said = severities(cli, model, [folder / "images" / f"{r['image_id']}.jpg" for r in table])
    films = []
    for row in table:
        if (severity := said.get(row["image_id"])) is None:
            continue
        begin, end = number(row["icu_admission_offset"]), number(row["icu_release_offset"])
        film = {"patient": row["patient_id"], "icu": begin <= 0 and not end < 0}
        for value in ("ldh", "po2", "crp", "lymphocytes"):
            is_near = abs(number(row[value + "_offset"])) <= SAME_TIME
            film[value] = number(row[value + "_val"]) if is_near else math.nan
        film["scores"] = {"Brixia": severity["sum"], **{s["name"]: s["value"] for s in severity.get("lungScores", [])}}
        films.append(film)

    print(f"{len(films)} of {len(table)} films have a severity")
    for name in films[0]["scores"]:
        rows = [{**f, "said": f["scores"][name]} for f in films]
        print(name)
        print("  AUC of intensive care:", with_interval(rows, area))
        print("  direction, in and out of intensive care, one patient:", with_interval(rows, lambda r: order(r, "icu")))
        for value in ("ldh", "po2", "crp", "lymphocytes"):
            known = [r for r in rows if not math.isnan(r[value])]
            print(f"  Spearman with {value}:", with_interval(known, correlation(value)))


if __name__ == "__main__":
    main()
