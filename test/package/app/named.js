// A bundler that shakes the tree must keep the methods of what little is imported.
import { tensor } from 'wasmgrad';

globalThis.postMessage(
  tensor([1, 2])
    .mul(tensor([3, 4]))
    .tolist(),
);
