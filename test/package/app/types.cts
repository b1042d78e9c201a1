import torch = require('wasmgrad');
import vision = require('wasmgrad/vision');

export const shape: readonly number[] = torch.zeros(1, 2).shape;
export const classifier: torch.nn.Module = vision.models.resnet18({ num_classes: 10 });
