"""
Golden values of the optimizers on a small problem: f(w) = sum of log cosh(A w - b) over 12 rows, w of 5 values, 50 steps.
"changing": plain float64 NumPy, with rate and momentum that change at every step. "constant": PyTorch's own optimizers in float64.
Run: /usr/bin/python3 optimizers.py > optimizers.json
"""
import json

import numpy as np
import torch

rng = np.random.RandomState(20210100)
A, b, w0 = rng.randn(12, 5), rng.randn(12), rng.randn(5)
STEPS = 50
rates = [0.002 + 0.03 * (i % 17) / 16 for i in range(STEPS)]
momenta = [0.79 + 0.11 * (i % 13) / 12 for i in range(STEPS)]


def gradient(w):
    return A.T @ np.tanh(A @ w - b)


def velocity(lam, decoupled):
    w, v = w0.copy(), np.zeros(5)
    for alr, mom in zip(rates, momenta):
        g = gradient(w)
        if decoupled:
            w = w - alr * lam * w
        else:
            g = g + lam * w
        v = mom * v - alr * g
        w = w + v
    return w


def adam(lam, decoupled):
    w, m, s, p1, p2 = w0.copy(), np.zeros(5), np.zeros(5), 1.0, 1.0
    for alr, b1 in zip(rates, momenta):
        g = gradient(w)
        if decoupled:
            w = w - alr * lam * w
        else:
            g = g + lam * w
        p1, p2 = p1 * b1, p2 * 0.999
        m = b1 * m + (1 - b1) * g
        s = 0.999 * s + 0.001 * g * g
        w = w - alr * (m / (1 - p1)) / (np.sqrt(s / (1 - p2)) + 1e-8)
    return w


def library(make):
    w = torch.tensor(w0, requires_grad=True)
    optimizer = make([w])
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = torch.log(torch.cosh(torch.tensor(A) @ w - torch.tensor(b))).sum()
        loss.backward()
        optimizer.step()
    return w.detach().numpy()


cases = []
for lam in (0.0, 0.01):
    for decoupled in (False, True):
        cases.append(dict(optimizer="sgd", weightDecay=lam, decoupled=decoupled, changing=True, result=list(velocity(lam, decoupled))))
        cases.append(dict(optimizer="adam", weightDecay=lam, decoupled=decoupled, changing=True, result=list(adam(lam, decoupled))))
    cases.append(dict(optimizer="sgd", weightDecay=lam, decoupled=False, changing=False, result=list(library(lambda p: torch.optim.SGD(p, 0.01, 0.9, weight_decay=lam)))))
    cases.append(dict(optimizer="adam", weightDecay=lam, decoupled=False, changing=False, result=list(library(lambda p: torch.optim.Adam(p, 0.01, (0.9, 0.999), 1e-8, lam)))))
cases.append(dict(optimizer="adam", weightDecay=0.01, decoupled=True, changing=False, result=list(library(lambda p: torch.optim.AdamW(p, 0.01, (0.9, 0.999), 1e-8, 0.01)))))
print(json.dumps(dict(a=A.tolist(), b=b.tolist(), start=w0.tolist(), rates=rates, momenta=momenta, constantRate=0.01, constantMomentum=0.9, cases=cases), indent=1))
