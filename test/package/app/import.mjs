import * as torch from 'wasmgrad';
import * as vision from 'wasmgrad/vision';
import { program } from './program.mjs';

console.log(JSON.stringify(program(torch, vision)));
