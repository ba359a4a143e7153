#!/usr/bin/env python3
"""Writes backbones.json and keys/*.txt: what torchvision's networks hold and say when every weight follows a formula.

Run in this folder with PyTorch 1.13 and torchvision 0.14 (Debian: /usr/bin/python3 backbones.py). No weights are stored: the C# side
(Backbones/FormulaWeights.cs) fills its networks by the same formula and must answer the same.
"""
import json
import pathlib

import numpy as np
import torch
import torchvision

NETWORKS = ["resnet14", "resnet16", "resnet18", "resnet50", "resnet152", "densenet121", "densenet169"]
CLASSES = 3


def make(name, classes=1000):
    """torchvision's network, or its ResNet18 with a block or the whole of its last stage left out."""
    if name not in ("resnet14", "resnet16"):
        return getattr(torchvision.models, name)(weights=None, num_classes=classes)
    network = torchvision.models.resnet.ResNet(torchvision.models.resnet.BasicBlock, [2, 2, 2, 1], num_classes=classes)
    if name == "resnet14":
        network.layer4 = torch.nn.Identity()
        network.fc = torch.nn.Linear(256, classes)
    return network


def uniform(name, count):
    """count values in [0, 1): a counter-based generator (SplitMix64's mixing) keyed by FNV-1a of the name."""
    key = 0xCBF29CE484222325
    for byte in name.encode():
        key = (key ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    with np.errstate(over="ignore"):
        z = np.uint64(key) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(11)).astype(np.float64) / float(1 << 53)


def values(name, shape):
    """Scaled so that activations stay near 1: He's bound for convolutions, norms near the identity. Rounded to float32 once."""
    u = uniform(name, int(np.prod(shape)))
    if name.endswith("running_var"):
        v = 0.5 + u
    elif name.endswith("running_mean"):
        v = 0.2 * u - 0.1
    elif name.endswith("bias"):
        v = 0.4 * u - 0.2
    elif len(shape) == 1:
        v = 0.4 + 0.4 * u
    else:
        v = (2 * u - 1) * np.sqrt(6 / np.prod(shape[1:]))
    return torch.from_numpy(v.astype(np.float32).astype(np.float64)).reshape(tuple(shape))


def fill(network):
    state = network.state_dict()
    for name, tensor in state.items():
        if not name.endswith("num_batches_tracked"):
            state[name] = values(name, tensor.shape)
    network.load_state_dict(state)


def images(count, height, width):
    u = uniform("input", count * 3 * height * width)
    return torch.from_numpy((4 * u - 2).astype(np.float32).astype(np.float64)).reshape(count, 3, height, width)


def features(network, x):
    if isinstance(network, torchvision.models.ResNet):
        x = network.maxpool(network.relu(network.bn1(network.conv1(x))))
        return network.layer4(network.layer3(network.layer2(network.layer1(x))))
    return torch.relu(network.features(x))


def evaluated(network):
    network.eval()
    with torch.no_grad():
        x = images(2, 64, 96)
        f = features(network, x)
        return {
            "logits": network(x).flatten().tolist(),
            "featureShape": list(f.shape),
            "featureMean": f.mean().item(),
            "featureDeviation": f.std(unbiased=False).item(),
            "featureMaximum": f.max().item(),
            "featureCorner": f[1, :8, -1, -1].tolist(),
        }


def trained(network, first, head):
    """One training-mode pass with backward: the loss, gradients at both ends and what the norms remember."""
    network.train()
    loss = torch.nn.functional.cross_entropy(network(images(4, 64, 64)), torch.tensor([0, 1, 2, 1]))
    loss.backward()
    parameters, buffers = dict(network.named_parameters()), dict(network.named_buffers())
    norm = first.replace("conv", "norm" if "features" in first else "bn")
    return {
        "loss": loss.item(),
        "firstGradient": parameters[first + ".weight"].grad.norm().item(),
        "headGradient": parameters[head + ".weight"].grad.norm().item(),
        "allGradients": sum(p.grad.square().sum().item() for p in parameters.values()) ** 0.5,
        "runningMean": buffers[norm + ".running_mean"][:4].tolist(),
        "runningVariance": buffers[norm + ".running_var"][:4].tolist(),
    }


torch.set_num_threads(1)
here = pathlib.Path(__file__).parent
(here / "keys").mkdir(exist_ok=True)
golden = {}
for name in NETWORKS:
    published = make(name).state_dict()
    lines = [f"{key} {'x'.join(map(str, t.shape))}".rstrip() for key, t in published.items()]
    (here / "keys" / f"{name}.txt").write_text("\n".join(lines) + "\n")
    network = make(name, CLASSES).double()
    fill(network)
    golden[name] = evaluated(network)
    ends = ("conv1", "fc") if name.startswith("resnet") else ("features.conv0", "classifier")
    golden[name]["training"] = trained(network, *ends)
(here / "backbones.json").write_text(json.dumps(golden, indent=1) + "\n")
