import * as torch from 'wasmgrad';
import * as vision from 'wasmgrad/vision';
import { program } from './program.mjs';

globalThis.postMessage(program(torch, vision));
