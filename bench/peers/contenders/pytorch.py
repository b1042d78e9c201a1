"""PyTorch's side of the protocol of serve.mjs. The nets are written after the descriptions in nets.mjs."""

import json
import math
import os
import struct
import sys
import time

import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, description):
        super().__init__()
        self.count = len(description["layers"])
        for i, layer in enumerate(description["layers"], 1):
            setattr(self, f"conv{i}", convolution(layer))
            setattr(self, f"bn{i}", nn.BatchNorm2d(layer["outputs"]))
        layer = description["downsample"]
        self.downsample = layer and nn.Sequential(convolution(layer), nn.BatchNorm2d(layer["outputs"]))
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        identity = x if self.downsample is None else self.downsample(x)
        for i in range(1, self.count + 1):
            x = getattr(self, f"bn{i}")(getattr(self, f"conv{i}")(x))
            if i < self.count:
                x = self.relu(x)
        x += identity
        return self.relu(x)


class Net(nn.Module):
    def __init__(self, net):
        super().__init__()
        self.conv1 = convolution(net["stem"])
        self.bn1 = nn.BatchNorm2d(net["stem"]["outputs"])
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, 1) if net["pool"] else nn.Identity()
        stages = {}
        for block in net["blocks"]:
            name = block["layers"][0]["conv"].split(".")[0]
            stages.setdefault(name, []).append(Block(block))
        self.stages = list(stages)
        for name, blocks in stages.items():
            setattr(self, name, nn.Sequential(*blocks))
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(net["features"], net["classes"])

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        for name in self.stages:
            x = getattr(self, name)(x)
        return self.fc(torch.flatten(self.avgpool(x), 1))


def convolution(layer):
    return nn.Conv2d(
        layer["inputs"], layer["outputs"], layer["kernel"], layer["stride"], layer["padding"], bias=False
    )


def read_tensors(path):
    """The float32 tensors of a safetensors file."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = bytearray(file.read())
    tensors = {}
    for name, entry in header.items():
        if entry.get("dtype") == "F32":
            start, end = entry["data_offsets"]
            flat = torch.frombuffer(data, dtype=torch.float32, count=(end - start) // 4, offset=start)
            tensors[name] = flat.clone().view(entry["shape"])
    return tensors


def numbers(values):
    """JSON has no NaN."""
    return [value if math.isfinite(value) else None for value in values]


class Contender:
    def open(self, request):
        torch.set_num_threads(request["threads"])
        self.task, net = request["task"], request["net"]
        tensors = read_tensors(request["file"])
        x = tensors.pop("images")[: self.task["batch"]].clone()
        model = Net(net)
        # What is missing are the counters of batches, which are not float32.
        missing, unexpected = model.load_state_dict(tensors, strict=False)
        assert not unexpected and all(name.endswith("num_batches_tracked") for name in missing)
        if not self.task["train"]:
            model.eval()

            def step():
                with torch.no_grad():
                    return model(x).flatten().tolist()

        else:
            y = torch.tensor(request["labels"])
            optimizer = torch.optim.SGD(model.parameters(), lr=self.task["lr"], momentum=self.task["momentum"])
            criterion = nn.CrossEntropyLoss()

            def step():
                optimizer.zero_grad()
                loss = criterion(model(x), y)
                loss.backward()
                optimizer.step()
                return [loss.item()]

        self.step = step
        return {"version": torch.__version__}

    def check(self, _request):
        values = []
        for _ in range(self.task["steps"]):
            values += self.step()
        return {"values": numbers(values)}

    def turn(self, request):
        times = []
        end = time.perf_counter() + request["ms"] / 1000
        while True:
            start = time.perf_counter()
            values = self.step()
            times.append(1000 * (time.perf_counter() - start))
            if time.perf_counter() >= end:
                return {"times": times, "values": numbers(values)}


contender = Contender()
replies = os.fdopen(3, "w")
for line in sys.stdin:
    request = json.loads(line)
    try:
        reply = getattr(contender, request["do"])(request)
    except Exception as error:
        reply = {"error": f"{type(error).__name__}: {error}"}
    replies.write(json.dumps(reply) + "\n")
    replies.flush()
