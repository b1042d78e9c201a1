// Writes the weights and the images that every contender reads: node prepare.mjs FOLDER
import { join } from 'node:path';
import { nets } from './nets.mjs';
import { builders, torch } from './wasmgrad_models.mjs';

const folder = process.argv[2];
torch.manual_seed(0);
for (const [name, net] of Object.entries(nets)) {
  const model = builders[name]();
  torch.no_grad(() => {
    for (const module of model.modules()) {
      if (!(module instanceof torch.nn.BatchNorm2d)) continue;
      // Nothing in a norm may be an identity, or leaving it out would pass the check.
      torch.nn.init.uniform_(module.weight, 0.5, 1.5);
      torch.nn.init.uniform_(module.bias, -0.2, 0.2);
      // The running statistics become those of one batch, so that activations keep their size in eval mode.
      module.momentum = 1;
    }
    model(torch.randn(4, net.channels, net.size, net.size));
  });
  const batch = name === 'small' ? 64 : 8;
  torch.safetensors.save_file(
    { ...model.state_dict(), images: torch.randn(batch, net.channels, net.size, net.size) },
    join(folder, `${name}.safetensors`),
  );
}
