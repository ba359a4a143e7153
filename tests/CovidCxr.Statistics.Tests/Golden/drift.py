"""Writes drift.json.

Kolmogorov-Smirnov: scipy 1.10 (ks_2samp exact; the limiting distribution kstwobign for large samples). Chi-squared quantile of the stability index's noise: scipy.
The index itself, its quantile edges (NumPy) and the p-chart's limits and Western Electric's rules are in no library of Debian's: their formulas are written out
here. The histogram is NumPy's, of values that were clipped to its range.
"""
import json
import os
import numpy as np
from scipy import stats

rng = np.random.default_rng(11)
ks = []
for name, a, b in (("shifted", rng.standard_normal(30), rng.standard_normal(45) + 0.5), ("same", rng.standard_normal(200), rng.standard_normal(150)),
                   ("apart", [1.0, 2, 3, 4, 5], [6.0, 7, 8, 9]), ("equal", [1.0, 2, 3], [1.0, 2, 3]), ("ties", [1.0, 1, 2, 2, 3], [1.0, 2, 2, 2, 4, 4, 4, 5]),
                   ("single", [1.0], [2.0]), ("unequal", rng.random(3), rng.random(400)), ("wide", rng.random(900), rng.random(1000) ** 1.1)):
    r = stats.ks_2samp(a, b, method="exact")
    ks.append({"name": name, "a": list(map(float, a)), "b": list(map(float, b)), "d": float(r.statistic), "p": float(r.pvalue)})

# Large samples from a rule that the test repeats: a_i = (i + 0.5) / n, b_i = ((i + 0.5) / m) ** power.
large = []
for n, m, power in ((2000, 1500, 1.0), (2000, 1500, 1.02), (2000, 1500, 1.05), (5000, 4000, 1.1), (3000, 3000, 1.3)):
    a, b = (np.arange(n) + 0.5) / n, ((np.arange(m) + 0.5) / m) ** power
    d = stats.ks_2samp(a, b, method="asymp").statistic
    large.append({"n": n, "m": m, "power": power, "d": float(d), "p": float(stats.kstwobign.sf(d * np.sqrt(n * m / (n + m))))})

psi = []
for p, q in (([100, 200, 300, 400], [110, 190, 310, 390]), ([10, 20, 30], [30, 20, 10]), ([50, 50, 0], [40, 50, 10]), ([5, 0], [0, 5]), ([7, 7], [7, 7])):
    x, y = np.maximum(np.array(p) / sum(p), 1e-4), np.maximum(np.array(q) / sum(q), 1e-4)
    psi.append({"reference": p, "current": q, "value": float(((y - x) * np.log(y / x)).sum()),
                "noise": float((1 / sum(p) + 1 / sum(q)) * stats.chi2.ppf(0.95, len(p) - 1))})

values = rng.gamma(2, size=101)
edges = np.quantile(values, np.arange(1, 10) / 10)

periods = [(45, 50), (48, 50), (18, 20), (90, 100), (30, 50), (1, 1), (0, 0), (200, 200)]
base = 4
centre = sum(e for e, _ in periods[:base]) / sum(n for _, n in periods[:base])
chart = []
for e, n in periods:
    if n == 0:
        chart.append([None, None, False])
    else:
        half = 3 * np.sqrt(centre * (1 - centre) / n)
        low, high = max(0, centre - half), min(1, centre + half)
        chart.append([float(low), float(high), bool(e / n < low or e / n > high)])

# Western Electric's rules on periods of varying size, each rule as a window over the standardised proportions.
rule_periods, z = [], []
for i in range(60):
    n = int(rng.integers(5, 60))
    shift = 0.12 if 20 <= i < 32 else -0.1 if 40 <= i < 50 else 0
    rule_periods.append((int(rng.binomial(n, 0.35 if i == 36 else 0.75 + shift)), n) if i not in (7, 25) else (0, 0))
rule_centre = sum(e for e, _ in rule_periods) / sum(n for _, n in rule_periods)
z = [(e / n - rule_centre) / np.sqrt(rule_centre * (1 - rule_centre) / n) for e, n in rule_periods if n]
signals, at = [], -1
for _, n in rule_periods:
    if n == 0:
        signals.append(0)
        continue
    at += 1
    bits = 0
    for bit, count, window, sigmas in ((1, 1, 1, 3), (2, 2, 3, 2), (4, 4, 5, 1), (8, 8, 8, 0)):
        part = np.array(z[max(0, at - window + 1):at + 1])
        for side in (1, -1):
            if side * z[at] > sigmas and (side * part > sigmas).sum() >= count:
                bits |= bit
    signals.append(bits)
assert all(any(s & b for s in signals) for b in (1, 2, 4, 8)), signals

binned = rng.normal(0.4, 0.3, 300)
counts, _ = np.histogram(np.clip(binned, 0, 1), bins=20, range=(0, 1))

result = {"ks": ks, "large": large, "psi": psi, "quantiles": {"values": values.tolist(), "edges": edges.tolist(), "counts": np.bincount(np.digitize(values, edges)).tolist()},
          "chart": {"periods": periods, "baseline": base, "centre": centre, "points": chart},
          "rules": {"periods": rule_periods, "centre": rule_centre, "signals": signals}, "histogram": {"values": binned.tolist(), "counts": counts.tolist()}}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "drift.json"), "w") as f:
    json.dump(result, f)
    f.write("\n")
