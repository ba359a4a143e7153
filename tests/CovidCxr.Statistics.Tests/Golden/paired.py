"""Writes paired.json: the difference of two areas under the ROC curve on the same cases, with its interval by clustered bootstrap.

Cases and the generator are those of bootstrap.py (patients, truth and scores are read from bootstrap.json). The second score is a formula. Each
resample is written out case by case, and an area is counted pair by pair (Mann and Whitney). Plain Python 3, no packages.
"""
import json
import os

M64 = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15


def mix(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & M64
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & M64
    return z ^ (z >> 31)


def draw(seed, resample, count):
    state = mix((mix((seed + GOLDEN) & M64) + resample * GOLDEN) & M64)
    rejected = (1 << 32) % count
    drawn = []
    while len(drawn) < count:
        state = (state + GOLDEN) & M64
        bits = mix(state)
        for half in (bits & 0xFFFFFFFF, bits >> 32):
            if len(drawn) < count:
                product = half * count
                if product & 0xFFFFFFFF >= rejected:
                    drawn.append(product >> 32)
    return drawn


def area(scores, truth):
    sick = [s for s, t in zip(scores, truth) if t]
    well = [s for s, t in zip(scores, truth) if not t]
    won = sum(1.0 if a > b else 0.5 if a == b else 0.0 for a in sick for b in well)
    return won / (len(sick) * len(well))


def percentile(values, share):
    values = sorted(values)
    at = share * (len(values) - 1)
    low = int(at)
    return values[low] + (at - low) * (values[min(low + 1, len(values) - 1)] - values[low])


here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "bootstrap.json")) as f:
    cases = json.load(f)
patients, truth, first = cases["patients"], cases["truth"], cases["scores"]
other = [round(0.5 * s + 0.5 * ((37 * i) % 101) / 100, 2) for i, s in enumerate(first)]
rank = {p: i for i, p in enumerate(dict.fromkeys(patients))}
rows_of = [[i for i, p in enumerate(patients) if rank[p] == c] for c in range(len(rank))]
differences = []
for b in range(cases["resamples"]):
    rows = [i for c in draw(cases["seed"], b, len(rank)) for i in rows_of[c]]
    drawn = [truth[i] for i in rows]
    differences.append(area([first[i] for i in rows], drawn) - area([other[i] for i in rows], drawn))
result = {
    "other": other,
    "difference": [area(first, truth) - area(other, truth), percentile(differences, 0.025), percentile(differences, 0.975)],
}
with open(os.path.join(here, "paired.json"), "w") as f:
    json.dump(result, f, indent=1)
    f.write("\n")
