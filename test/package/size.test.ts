// A bundler leaves out what a program does not import. Operators stay, since Tensor has them as methods.
import { describe, expect, test } from 'vitest';
import { bundle } from '../../scripts/size.js';

/** Namespaces that a program has to name. */
const OTHERS = /^(optim|distributions|data|io|utils)\//;

/** Words of such modules, also in minified code. */
const NAMES = ['LSTM', 'TransformerEncoder', 'default_collate', 'LBFGS', 'Categorical', 'CrossEntropyLoss'];

describe('what a bundle holds', () => {
  test('ResNet-18: its modules, and no others', async () => {
    const { modules, code } = await bundle('ResNet-18', false);
    const parts =
      /^nn\/(rnn|rnn_cell|rnn_stack|transformer|transformer_layer|attention|embedding|.*loss|conv_transpose|derived|spectral_norm|utils|fold|upsampling|index)\.js$/;
    expect(modules.filter((file) => OTHERS.test(file) || parts.test(file))).toEqual([]);
    expect(modules.filter((file) => file.startsWith('vision/'))).toEqual(['vision/resnet.js']);
    expect(modules).toEqual(expect.arrayContaining(['nn/conv.js', 'nn/batchnorm.js', 'ops/conv.js']));
    expect(NAMES.filter((name) => code.includes(name))).toEqual([]);
  });

  test('tensors only: no module at all', async () => {
    const { modules } = await bundle('tensors only', false);
    const files = modules.filter((file) => /^(nn|vision)\//.test(file) || OTHERS.test(file));
    expect(files).toEqual([]);
  });

  test('everything: the names above are there', async () => {
    const { code } = await bundle('import * as torch', false);
    expect(NAMES.filter((name) => code.includes(name))).toEqual(NAMES);
  });
});
