"""Writes agreement.json.

Cohen's kappa with its standard error, Fleiss' kappa (equal numbers of ratings) and McNemar: statsmodels 0.13.5. Fleiss' kappa with missing ratings, AC1 and AC2
with their standard errors: irrCAC (https://github.com/afergadis/irrCAC, 2b71b15), Gwet's own R package in Python. Krippendorff's alpha: krippendorff
(https://github.com/pln-fing-udelar/fast-krippendorff, b1eb616) and irrCAC. Neither is packaged for Debian: put checkouts of both on PYTHONPATH.
Predictive values at a prevalence: no library; Mercaldo, Lau and Zhou (2007), equations 5 to 8, written out.
"""
import json
import os
import numpy as np
import pandas as pd
from scipy.special import expit, logit
from scipy.stats import norm
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.inter_rater import cohens_kappa, fleiss_kappa
from irrCAC.raw import CAC
import krippendorff

Z = norm.ppf(0.975)


def around(value, se):
    # Agreement or disagreement without exception: no variance, and so no interval.
    if se < 1e-9:
        return [float(value), None, None]
    return [float(value), float(max(-1, value - Z * se)), float(min(1, value + Z * se))]


rng = np.random.default_rng(6)
pairs = []
for table in ([[20, 5], [10, 15]], [[118, 5], [2, 0]], [[0, 8], [9, 0]], [[22, 2, 2], [5, 7, 14], [0, 2, 36]],
              [[11, 4, 0, 0], [3, 9, 2, 1], [0, 2, 7, 3], [0, 0, 1, 13]]):
    t = np.array(table)
    k = len(t)
    rows = [(i, j) for i in range(k) for j in range(k) for _ in range(t[i, j])]
    raw = pd.DataFrame(rows)
    entry = {"table": t.ravel().tolist(), "kappa": {}, "gwet": {}}
    for name, wt in (("Identity", None), ("Linear", "linear"), ("Quadratic", "quadratic")):
        r = cohens_kappa(t, wt=wt)
        entry["kappa"][name] = around(r.kappa, r.std_kappa)
        g = CAC(raw, weights=name.lower(), categories=list(range(k)), digits=15).gwet()["est"]
        entry["gwet"][name] = around(g["coefficient_value"], g["se"])
    pairs.append(entry)


def several(ratings, k):
    """ratings: cases x raters, NaN where there is none."""
    frame = pd.DataFrame(ratings)
    out = {"categories": k, "ratings": [[None if np.isnan(v) else int(v) for v in row] for row in ratings]}
    for name in ("identity", "quadratic"):
        cac = CAC(frame, weights=name, categories=list(range(k)), digits=15)
        f, g = cac.fleiss()["est"], cac.gwet()["est"]
        out[name] = {"fleiss": around(f["coefficient_value"], f["se"]), "gwet": around(g["coefficient_value"], g["se"]), "observed": f["pa"]}
    for level in ("nominal", "ordinal"):
        out[level] = float(krippendorff.alpha(reliability_data=ratings.T, level_of_measurement=level, value_domain=list(range(k))))
    # A second witness.
    assert abs(out["nominal"] - CAC(frame, categories=list(range(k)), digits=15).krippendorff()["est"]["coefficient_value"]) < 1e-9
    if not np.isnan(ratings).any():
        counts = np.array([[np.sum(row == c) for c in range(k)] for row in ratings])
        assert abs(out["identity"]["fleiss"][0] - fleiss_kappa(counts)) < 1e-12
    return out


def simulate(n, raters, k, noise, missing):
    truth = rng.integers(0, k, n)
    ratings = np.where(rng.random((n, raters)) < noise, rng.integers(0, k, (n, raters)), truth[:, None]).astype(float)
    ratings[rng.random((n, raters)) < missing] = np.nan
    return ratings


gwet_example = np.array([[1, 1, np.nan, 1], [2, 2, 3, 2], [3, 3, 3, 3], [3, 3, 3, 3], [2, 2, 2, 2], [1, 2, 3, 4], [4, 4, 4, 4], [1, 1, 2, 1],
                         [2, 2, 2, 2], [np.nan, 5, 5, 5], [np.nan, np.nan, 1, 1], [np.nan, np.nan, 3, np.nan]]) - 1
mc = []
for b, c in ((0, 1), (1, 0), (5, 5), (3, 12), (15, 3), (40, 61), (121, 59), (1000, 1100), (20000, 20300)):
    exact, chi = mcnemar([[0, b], [c, 0]], exact=True), mcnemar([[0, b], [c, 0]], exact=False, correction=True)
    mc.append({"first": b, "second": c, "exact": float(exact.pvalue), "chi": float(chi.statistic), "p": float(chi.pvalue)})

predictive = []
for tp, fn, fp, tn, prevalence in ((80, 20, 10, 190, 0.01), (80, 20, 10, 190, 0.3), (9, 1, 3, 7, 0.5)):
    n1, n0 = tp + fn, tn + fp
    se, sp = tp / n1, tn / n0
    ppv = se * prevalence / (se * prevalence + (1 - sp) * (1 - prevalence))
    npv = sp * (1 - prevalence) / (sp * (1 - prevalence) + (1 - se) * prevalence)
    vp, vn = (1 - se) / se / n1 + sp / (1 - sp) / n0, se / (1 - se) / n1 + (1 - sp) / sp / n0
    predictive.append({"table": [tp, fn, fp, tn], "prevalence": prevalence,
                       "positive": [ppv, *[float(expit(logit(ppv) + s * Z * vp ** 0.5)) for s in (-1, 1)]],
                       "negative": [npv, *[float(expit(logit(npv) + s * Z * vn ** 0.5)) for s in (-1, 1)]]})

result = {"pairs": pairs, "several": [several(simulate(30, 4, 3, 0.4, 0), 3), several(simulate(40, 5, 4, 0.5, 0.3), 4), several(gwet_example, 5),
                                      several(simulate(25, 3, 2, 0.9, 0.1), 2)],
          "mcnemar": mc, "predictive": predictive}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "agreement.json"), "w") as f:
    json.dump(result, f)
    f.write("\n")
