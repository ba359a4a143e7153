"""Writes temperature.json: scipy 1.10 minimises the mean negative log-likelihood of softmax(logits / T) over T."""
import json
import os
import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

rng = np.random.default_rng(7)
cases = []
for classes, stretch, n in ((2, 1.0, 60), (3, 2.5, 200), (3, 0.5, 80), (5, 4.0, 400)):
    logits = np.round(rng.normal(0, 2, (n, classes)), 3)
    p = np.exp(log_softmax(logits, axis=1))
    truth = np.array([rng.choice(classes, p=row) for row in p])
    logits = np.round(logits * stretch, 3)
    t = minimize_scalar(lambda t: -log_softmax(logits / t, axis=1)[range(n), truth].mean(), bounds=(0.05, 20), method="bounded",
                        options={"xatol": 1e-10}).x
    cases.append({"logits": logits.tolist(), "truth": truth.tolist(), "temperature": float(t)})
with open(os.path.join(os.path.dirname(__file__), "temperature.json"), "w") as f:
    json.dump({"cases": cases}, f)
