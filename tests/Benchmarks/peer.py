"""The PyTorch side of the benchmarks: reads a line, does it once, prints milliseconds.

forward NETWORK SIZE BATCH          eager, evaluation mode, no gradients
optimized NETWORK SIZE BATCH        torch.jit.optimize_for_inference
step NETWORK SIZE BATCH [PRECISION] forward, cross-entropy, backward and Adam, channels_last, on the GPU where there is one; precision is
                                    float32 (default), bfloat16 or float16, by autocast and, for float16, a scaled loss
matmul N                            product of two N x N matrices
"""
import os
import sys
import time

import torch
import torchvision

# Debian's build takes one thread of two by itself.
torch.set_num_threads(os.cpu_count())
device = "cuda" if torch.cuda.is_available() else "cpu"
models = {}


def model(kind, name):
    if (kind, name) not in models:
        network = getattr(torchvision.models, name)(weights=None, num_classes=2)
        if kind == "step":
            network = network.to(device, memory_format=torch.channels_last).train()
            scaler = torch.cuda.amp.GradScaler(enabled=device == "cuda")
            models[kind, name] = (network, torch.optim.Adam(network.parameters(), lr=1e-4), scaler)
        elif kind == "optimized":
            network.eval()
            models[kind, name] = torch.jit.optimize_for_inference(torch.jit.script(network))
        else:
            models[kind, name] = network.eval()
    return models[kind, name]


def run(kind, name, size, batch, precision="float32"):
    images = torch.randn(batch, 3, size, size)
    if kind == "step":
        network, optimizer, scaler = model(kind, name)
        scales = precision == "float16"
        labels = torch.arange(batch) % 2
        started = time.perf_counter()
        images = images.to(device, memory_format=torch.channels_last)
        labels = labels.to(device)
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast(device, getattr(torch, precision) if precision != "float32" else torch.bfloat16, enabled=precision != "float32"):
            loss = torch.nn.functional.cross_entropy(network(images), labels)
        if scales:
            scaler.scale(loss).backward()
            scaler.step(optimizer)
            scaler.update()
        else:
            loss.backward()
            optimizer.step()
        loss.item()
        if device == "cuda":
            torch.cuda.synchronize()
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
        seconds = run(words[0], words[1], int(words[2]), int(words[3]), *words[4:])
    print(seconds * 1000, flush=True)
