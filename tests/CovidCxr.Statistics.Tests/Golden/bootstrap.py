"""Writes bootstrap.json.

The resamples are drawn here by a second implementation of the documented generator (SplitMix64 per resample, Lemire's bounded integers). Each
resample is then written out case by case, and its figures are taken by scikit-learn from the rows, not from counts. Intervals: NumPy's percentile
(linear) and scipy's own BCa end points for a given bootstrap distribution.

python3-numpy 1.24, python3-scipy 1.10, python3-sklearn 1.2.
"""
import json
import os
import numpy as np
from scipy import stats
from scipy.special import ndtr, ndtri
from sklearn.metrics import brier_score_loss, roc_auc_score, accuracy_score, recall_score, precision_score

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


def calibration_error(scores, truth, bins=10):
    index = np.minimum((scores * bins).astype(int), bins - 1)
    return sum(abs(scores[index == b].mean() - truth[index == b].mean()) * (index == b).sum() for b in np.unique(index)) / len(scores)


def figures(scores, truth, threshold=0.5):
    called = (scores >= threshold).astype(int)
    return [accuracy_score(truth, called), recall_score(truth, called), recall_score(truth, called, pos_label=0),
            precision_score(truth, called), precision_score(truth, called, pos_label=0), roc_auc_score(truth, scores),
            brier_score_loss(truth, scores), calibration_error(scores, truth)]


def bca(values, theta, jack):
    """scipy.stats.bootstrap's own BCa arithmetic (scipy 1.10, _bca_interval), on a distribution that is given."""
    share = ((values < theta).sum() + (values <= theta).sum()) / (2 * len(values))
    z0 = ndtri(share)
    d = jack.mean() - jack
    a = (d ** 3).sum() / (6 * (d ** 2).sum() ** 1.5)
    ends = [ndtr(z0 + (z0 + z) / (1 - a * (z0 + z))) for z in (ndtri(0.025), ndtri(0.975))]
    return [float(v) for v in np.percentile(values, [100 * e for e in ends])]


rng = np.random.default_rng(20)
patients = np.sort(rng.integers(0, 40, 120))
patients = np.unique(patients, return_inverse=True)[1]
order = rng.permutation(120)
patients = patients[order]
_, first = np.unique(patients, return_index=True)
rank = {p: i for i, p in enumerate(patients[np.sort(first)])}
clusters = np.array([rank[p] for p in patients])
sick = rng.random(40) < 0.45
truth = sick[patients].astype(int)
scores = np.round(np.clip(0.35 * truth + 0.3 + 0.25 * rng.standard_normal(120), 0, 1), 2)
count = clusters.max() + 1
B, seed = 200, 7
rows_of = [np.flatnonzero(clusters == c) for c in range(count)]
resampled = []
for b in range(B):
    rows = np.concatenate([rows_of[c] for c in draw(seed, b, count)])
    resampled.append(figures(scores[rows], truth[rows]))
resampled = np.array(resampled)
jack = np.array([figures(scores[clusters != c], truth[clusters != c]) for c in range(count)])
own = figures(scores, truth)

# The arithmetic above against scipy itself, whole: an ordinary bootstrap of a mean.
x = rng.gamma(2.0, size=30)
whole = stats.bootstrap((x,), np.mean, n_resamples=999, method="BCa", random_state=np.random.default_rng(3))
distribution = np.sort(whole.bootstrap_distribution)
leave_one_out = np.array([np.delete(x, i).mean() for i in range(30)])
assert np.allclose(bca(distribution, x.mean(), leave_one_out), [whole.confidence_interval.low, whole.confidence_interval.high], atol=1e-12)

result = {
    "patients": [int(p) for p in patients], "truth": [int(t) for t in truth], "scores": [float(s) for s in scores],
    "resamples": B, "seed": seed, "threshold": 0.5,
    "percentile": [[float(own[k]), *[float(v) for v in np.percentile(resampled[:, k], [2.5, 97.5])]] for k in range(8)],
    "bca": [[float(own[k]), *bca(resampled[:, k], own[k], jack[:, k])] for k in range(8)],
    "scipy": {"value": float(x.mean()), "sorted": distribution.tolist(), "jackknife": leave_one_out.tolist(),
              "bca": [float(whole.confidence_interval.low), float(whole.confidence_interval.high)],
              "percentile": np.percentile(distribution, [2.5, 97.5]).tolist()},
    "firstDraws": [{"seed": s, "resample": r, "count": c, "weights": np.bincount(draw(s, r, c), minlength=c).tolist()}
                   for s, r, c in [(1, 0, 1), (1, 0, 7), (1, 1, 7), (M64, 3, 12)]],
    "normal": [{"z": z, "p": float(ndtr(z))} for z in (-30.0, -8.5, -5.0, -3.0, -1.959963984540054, -0.7, -0.01, 0.0, 0.3, 1.0, 1.7, 2.5, 4.0, 6.0)],
    "quantile": [{"p": p, "z": float(ndtri(p))} for p in (1e-12, 1e-6, 0.001, 0.02, 0.025, 0.2, 0.5, 0.6, 0.975, 0.999, 0.9999999)],
}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "bootstrap.json"), "w") as f:
    json.dump(result, f, indent=1)
    f.write("\n")
