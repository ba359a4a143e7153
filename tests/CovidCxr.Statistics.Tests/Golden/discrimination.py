"""Writes discrimination.json.

scikit-learn 1.2.1 (confusion matrix, ROC points and area, Brier score, calibration curve), statsmodels 0.13.5 (Wilson), NumPy's histogram bins (equal-width, closed on
the left, the last on both sides). DeLong's variance is in none of them: here it is written out over all pairs (DeLong et al. 1988, equations 3 to 6).
"""
import json
import os
import numpy as np
from scipy.stats import norm
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss, confusion_matrix, roc_auc_score, roc_curve
from statsmodels.stats.proportion import proportion_confint

Z = norm.ppf(0.975)


def wilson(x, n):
    if n == 0:
        return [None, None, None]
    low, high = proportion_confint(x, n, method="wilson")
    return [x / n, float(min(max(low, 0), 1)), float(min(max(high, 0), 1))]


def delong(scores, truth):
    x, y = scores[truth == 1], scores[truth == 0]
    wins = (x[:, None] > y[None, :]) + 0.5 * (x[:, None] == y[None, :])
    area = roc_auc_score(truth, scores)
    assert abs(wins.mean() - area) < 1e-12
    if len(x) < 2 or len(y) < 2:
        return [float(area), None, None]
    variance = wins.mean(1).var(ddof=1) / len(x) + wins.mean(0).var(ddof=1) / len(y)
    if variance == 0:
        return [float(area), None, None]
    return [float(area), float(max(0, area - Z * variance ** 0.5)), float(min(1, area + Z * variance ** 0.5))]


def case(name, scores, truth, threshold=0.5, bins=10):
    scores, truth = np.array(scores, float), np.array(truth, int)
    out = {"name": name, "scores": scores.tolist(), "truth": truth.tolist(), "threshold": threshold}
    tn, fp, fn, tp = confusion_matrix(truth, scores >= threshold, labels=[0, 1]).ravel() if len(truth) else (0, 0, 0, 0)
    tn, fp, fn, tp = int(tn), int(fp), int(fn), int(tp)
    out["counts"] = [tp, fn, fp, tn]
    out["proportions"] = [wilson(tp + tn, tp + tn + fp + fn), wilson(tp, tp + fn), wilson(tn, tn + fp), wilson(tp, tp + fp), wilson(tn, tn + fn)]
    both = len(set(truth.tolist())) == 2
    if both:
        fpr, tpr, thresholds = roc_curve(truth, scores, drop_intermediate=False)
        # The first threshold is the largest score + 1 in this version.
        out["roc"] = [[float(t), float(f), float(s)] for t, f, s in list(zip(thresholds, fpr, tpr))[1:]]
        gain = tpr[1:] - fpr[1:]
        out["youden"] = float(thresholds[1:][np.flatnonzero(gain > gain.max() - 1e-12)[0]])
    else:
        out["roc"], out["youden"] = [], None
    out["area"] = delong(scores, truth) if both else [None, None, None]
    if len(truth):
        out["brier"] = float(brier_score_loss(truth, scores, pos_label=1))
        edges = np.array([b / bins for b in range(bins + 1)])
        n = np.histogram(scores, edges)[0]
        s = np.histogram(scores, edges, weights=scores)[0]
        t = np.histogram(scores, edges, weights=truth.astype(float))[0]
        used = n > 0
        out["bins"] = [[float(edges[b]), int(n[b]), float(s[b] / n[b]), float(t[b] / n[b])] for b in np.flatnonzero(used)]
        out["ece"] = float(np.abs(s - t).sum() / len(truth))
        if not np.isin(scores, edges).any() and both:
            rate, mean = calibration_curve(truth, scores, n_bins=bins)
            assert np.allclose(rate, [b[3] for b in out["bins"]]) and np.allclose(mean, [b[2] for b in out["bins"]])
    else:
        out["brier"] = out["ece"] = None
        out["bins"] = []
    return out


rng = np.random.default_rng(3)
truth = (rng.random(150) < 0.4).astype(int)
smooth = np.clip(0.4 + 0.25 * truth + 0.2 * rng.standard_normal(150), 0.001, 0.999)
cases = [
    case("smooth", smooth, truth),
    case("ties", np.round(smooth, 1), truth, 0.6),
    case("perfect", [0.9, 0.8, 0.7, 0.2, 0.1], [1, 1, 1, 0, 0]),
    case("reversed", [0.1, 0.2, 0.8, 0.9], [1, 1, 0, 0]),
    case("all tied", [0.5] * 6, [1, 0, 1, 0, 0, 1]),
    case("one positive", [0.3, 0.9, 0.2, 0.4], [1, 0, 0, 0]),
    case("only positives", [0.3, 0.9, 1.0], [1, 1, 1]),
    case("only negatives", [0.0, 0.9, 1.0], [0, 0, 0]),
    case("one case", [0.7], [1]),
    case("edges", [0.0, 0.1, 0.2, 0.3, 0.6, 0.7, 1.0, 0.29999999999999999, 0.57], [0, 1, 0, 1, 0, 1, 1, 0, 1], 0.3),
    case("empty", [], []),
]
result = {"cases": cases, "wilson": [{"x": x, "n": n, "expected": wilson(x, n)} for x, n in
                                     ((0, 1), (1, 1), (0, 20), (20, 20), (1, 10), (7, 9), (81, 263), (99999, 100000), (0, 100000), (0, 0))]}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "discrimination.json"), "w") as f:
    json.dump(result, f)
    f.write("\n")
