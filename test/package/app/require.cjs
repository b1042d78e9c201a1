const torch = require('wasmgrad');
const vision = require('wasmgrad/vision');

import('./program.mjs').then(
  ({ program }) => console.log(JSON.stringify(program(torch, vision))),
  (error) => {
    console.error(error);
    process.exitCode = 1;
  },
);
