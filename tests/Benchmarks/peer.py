"""The PyTorch side of the benchmarks: reads a line, does it once, prints milliseconds.

forward NETWORK SIZE BATCH          eager, evaluation mode, no gradients
optimized NETWORK SIZE BATCH        torch.jit.optimize_for_inference
step NETWORK SIZE BATCH             forward, cross-entropy, backward and Adam in float32, channels_last
matmul N                            product of two N x N matrices
"""
import os
import sys
import time

import torch
import torchvision

# Debian's build takes one thread of two by itself.
torch.set_num_threads(os.cpu_count())
models = {}


def model(kind, name):
    if (kind, name) not in models:
        network = getattr(torchvision.models, name)(weights=None, num_classes=2)
        if kind == "step":
            network = network.to(memory_format=torch.channels_last).train()
            models[kind, name] = (network, torch.optim.Adam(network.parameters(), lr=1e-4))
        elif kind == "optimized":
            network.eval()
            models[kind, name] = torch.jit.optimize_for_inference(torch.jit.script(network))
        else:
            models[kind, name] = network.eval()
    return models[kind, name]


def run(kind, name, size, batch):
    images = torch.randn(batch, 3, size, size)
    if kind == "step":
        network, optimizer = model(kind, name)
        images = images.to(memory_format=torch.channels_last)
        labels = torch.arange(batch) % 2
        started = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        loss = torch.nn.functional.cross_entropy(network(images), labels)
        loss.backward()
        optimizer.step()
        loss.item()
    else:
        network = model(kind, name)
        with torch.inference_mode():
            started = time.perf_counter()
            network(images)
    return time.perf_counter() - started


print(f"PyTorch {torch.__version__}, torchvision {torchvision.__version__}, {torch.get_num_threads()} threads", flush=True)
for line in sys.stdin:
    words = line.split()
    if words[0] == "matmul":
        a = torch.randn(int(words[1]), int(words[1]))
        begun = time.perf_counter()
        a @ a
        seconds = time.perf_counter() - begun
    else:
        seconds = run(words[0], words[1], int(words[2]), int(words[3]))
    print(seconds * 1000, flush=True)
