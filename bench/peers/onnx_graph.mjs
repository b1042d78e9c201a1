// A net as an ONNX model: the batch norms folded into the convolutions, as its exporters do it for inference.
import protobuf from 'protobufjs';
import { fold, forward } from './nets.mjs';

/** The part of onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto) that such a graph needs. */
const SCHEMA = `
  syntax = "proto2";
  message Attribute { optional string name = 1; optional int64 i = 3; repeated int64 ints = 8; optional int32 type = 20; }
  message Node { repeated string input = 1; repeated string output = 2; optional string op_type = 4; repeated Attribute attribute = 5; }
  message Tensor { repeated int64 dims = 1; optional int32 data_type = 2; optional string name = 8; optional bytes raw_data = 9; }
  message Dimension { optional int64 dim_value = 1; }
  message Shape { repeated Dimension dim = 1; }
  message TensorType { optional int32 elem_type = 1; optional Shape shape = 2; }
  message Type { optional TensorType tensor_type = 1; }
  message ValueInfo { optional string name = 1; optional Type type = 2; }
  message Graph { repeated Node node = 1; optional string name = 2; repeated Tensor initializer = 5;
    repeated ValueInfo input = 11; repeated ValueInfo output = 12; }
  message Opset { optional string domain = 1; optional int64 version = 2; }
  message Model { optional int64 ir_version = 1; optional Graph graph = 7; repeated Opset opset_import = 8; }
`;
const { root } = protobuf.parse(SCHEMA, { keepCase: true });

const FLOAT = 1;
const INT_ATTRIBUTE = 2;
const INTS_ATTRIBUTE = 7;

function attributes(values) {
  return Object.entries(values).map(([name, value]) =>
    Array.isArray(value)
      ? { name, ints: value, type: INTS_ATTRIBUTE }
      : { name, i: value, type: INT_ATTRIBUTE },
  );
}

function valueInfo(name, shape) {
  return {
    name,
    type: { tensor_type: { elem_type: FLOAT, shape: { dim: shape.map((d) => ({ dim_value: d })) } } },
  };
}

/** The bytes of a model that takes `images` of this shape to `logits`. */
export function onnxModel(net, tensors, shape) {
  const node = [];
  const initializer = [];

  const constant = (name, dims, data) => {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    initializer.push({ name, dims, data_type: FLOAT, raw_data: bytes });
    return name;
  };
  const add = (op, input, values = {}) => {
    const output = `${op}_${node.length}`;
    node.push({ op_type: op, input, output: [output], attribute: attributes(values) });
    return output;
  };

  const logits = forward(net, 'images', {
    share: (x) => x,
    layer(x, layer, relu) {
      const { shape: dims, weight, bias } = fold(layer, tensors);
      const { conv, kernel, stride, padding } = layer;
      const out = add(
        'Conv',
        [x, constant(`${conv}.weight`, dims, weight), constant(`${conv}.bias`, [layer.outputs], bias)],
        { kernel_shape: [kernel, kernel], strides: [stride, stride], pads: Array(4).fill(padding) },
      );
      return relu ? add('Relu', [out]) : out;
    },
    pool: (x) => add('MaxPool', [x], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }),
    add: (x, y) => add('Relu', [add('Add', [x, y])]),
    head(x) {
      const [weight, bias] = ['fc.weight', 'fc.bias'].map((name) => {
        const { shape: dims, data } = tensors.get(name);
        return constant(name, dims, data);
      });
      const features = add('Flatten', [add('GlobalAveragePool', [x])], { axis: 1 });
      return add('Gemm', [features, weight, bias], { transB: 1 });
    },
  });

  return root
    .lookupType('Model')
    .encode({
      ir_version: 8,
      opset_import: [{ domain: '', version: 17 }],
      graph: {
        name: net.name,
        node,
        initializer,
        input: [valueInfo('images', shape)],
        output: [valueInfo(logits, [shape[0], net.classes])],
      },
    })
    .finish();
}
