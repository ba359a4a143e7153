"""Golden values of the schedules (method, section 1), written from the formulas alone. Run: python3 schedule.py > schedule.json"""
import json
import math


def tri(t, T, p):
    return t / (p * T) if t <= p * T else (T - t) / (T - p * T)


def cosine(t, T, p):
    return 0.5 - 0.5 * math.cos(math.pi * tri(t, T, p))


def ceiling(l, L, amin, amax):
    return amin * (amax / amin) ** (l / (L - 1)) if L > 1 else amax


def momentum_ceiling(l, L, mmin, mmax):
    return mmin + (mmax - mmin) * l / (L - 1) if L > 1 else mmax


def at(shape, cycle, inverse, l, L, iteration, per_epoch, per_run, amin, amax, mmin, mmax, p):
    if shape == "constant":
        return amax, mmax
    T = per_epoch if cycle == "epoch" else per_run
    f = {"triangle": tri, "cosine": cosine}[shape](iteration % T, T, p)
    g = 1 - f if inverse else f
    return amin + (ceiling(l, L, amin, amax) - amin) * f, mmin + (momentum_ceiling(l, L, mmin, mmax) - mmin) * g


ranges = {  # the paper's
    "resnet152": dict(amin=1e-3, amax=1e-1, mmin=0.8, mmax=0.99),
    "densenet169": dict(amin=1e-4, amax=1e-2, mmin=0.79, mmax=0.9),
}
rows = []
for name, r in ranges.items():
    for shape in ("triangle", "cosine", "constant"):
        for cycle in ("epoch", "run"):
            for inverse in (False, True):
                for L in (1, 2, 7, 156):
                    for l in sorted({0, 1 % L, L // 2, L - 1}):
                        for p in (0.3, 0.25):
                            for per_epoch, epochs in ((9, 3), (66, 20)):
                                for i in (0, 1, 2, 3, per_epoch // 3, per_epoch - 1, per_epoch, per_epoch + 1, per_epoch * epochs - 1):
                                    rate, momentum = at(shape, cycle, inverse, l, L, i, per_epoch, per_epoch * epochs, p=p, **r)
                                    rows.append([shape, cycle, inverse, l, L, i, per_epoch, per_epoch * epochs, r["amin"], r["amax"], r["mmin"], r["mmax"], p, rate, momentum])
print("[")
print(",\n".join(json.dumps(r) for r in rows[::23]))
print("]")
