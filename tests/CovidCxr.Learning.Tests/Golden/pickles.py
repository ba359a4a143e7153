#!/usr/bin/env python3
"""Writes pickles/*.pth and pickles.json: files as torch.save writes them, and what stands in them.

Run in this folder with PyTorch 1.13 (Debian: /usr/bin/python3 pickles.py). Every file is under 50 kB.
"""
import json
import pathlib
from collections import OrderedDict

import torch

here = pathlib.Path(__file__).parent
folder = here / "pickles"
folder.mkdir(exist_ok=True)
torch.manual_seed(20)

TYPES = {torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64", torch.int32: "I32", torch.uint8: "U8"}


def described(state):
    return {
        name: {"type": TYPES[t.dtype], "shape": list(t.shape), "values": t.detach().double().flatten().tolist()}
        for name, t in state.items()
    }


base = torch.randn(6, 5)
views = OrderedDict(
    double=torch.randn(3, dtype=torch.float64),
    single=torch.randn(2, 3),
    half=torch.randn(4).half(),
    brain=torch.randn(4).bfloat16(),
    long=torch.tensor([-(2 ** 40), 0, 2 ** 40]),
    int=torch.tensor([-7, 7], dtype=torch.int32),
    byte=torch.tensor([0, 255], dtype=torch.uint8),
    scalar=torch.tensor(42),
    empty=torch.zeros(0, 3),
    whole=base,
    transposed=base.t(),
    rows=base[2:4],
    columns=base[:, 1:3],
    last=base[5, 4],
    permuted=torch.randn(2, 3, 4).permute(2, 0, 1),
    channels_last=torch.randn(2, 3, 2, 2).contiguous(memory_format=torch.channels_last),
    parameter=torch.randn(2).requires_grad_(),
)

network = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3, bias=False), torch.nn.BatchNorm2d(4), torch.nn.Linear(4, 2))
network(torch.randn(2, 3, 6, 6).requires_grad_()).sum().backward()
adam = torch.optim.Adam(network.parameters(), lr=1e-3)
adam.step()
wrapped = OrderedDict(("module." + k, v) for k, v in network.state_dict().items())

golden = {}
for name, content, state, options in [
    ("views", views, views, {}),
    ("network", network.state_dict(), network.state_dict(), {}),
    ("protocol4", network.state_dict(), network.state_dict(), {"pickle_protocol": 4}),
    ("plain_dict", dict(views), views, {}),
    ("training", {"epoch": 3, "arch": "x", "state_dict": wrapped, "best_acc1": torch.tensor(0.5), "optimizer": adam.state_dict(), "done": False, "note": None}, wrapped, {}),
    ("lightning", {"model": {"state_dict": network.state_dict()}, "lr": 1e-3}, network.state_dict(), {}),
]:
    torch.save(content, folder / f"{name}.pth", **options)
    golden[name] = described(state)

# What is refused, each with words of its own.
torch.save(network.state_dict(), folder / "refused_old_format.pth", _use_new_zipfile_serialization=False)
torch.save(network, folder / "refused_whole_network.pth")
torch.save({"a": torch.tensor([True])}, folder / "refused_bool.pth")
torch.save([torch.ones(2)], folder / "refused_list.pth")
torch.save(OrderedDict(), folder / "refused_empty.pth")
torch.save({"a": torch.ones(2), "b": 3}, folder / "refused_number.pth")
torch.save({"a": torch.ones(1).expand(100000)}, folder / "refused_expanded.pth")
torch.save({"a": torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8)}, folder / "refused_quantized.pth")
torch.jit.save(torch.jit.script(torch.nn.Linear(2, 2)), str(folder / "refused_script.pth"))

(here / "pickles.json").write_text(json.dumps(golden, indent=None) + "\n")
