// The contender's side of the protocol. Requests come as lines of JSON on stdin, replies go to descriptor 3, since libraries print.
//
//   {"do":"open","task":{…},"net":{…},"labels":[…],"file":PATH,"threads":N}   {"version":…}
//   {"do":"check"}           {"values":[…]}: the logits, or the losses of the first steps
//   {"do":"turn","ms":N}     {"times":[ms…],"values":[…]}: the values of the last run
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { readTensors } from './tensor_file.mjs';

/**
 * Serves a library: `open({ task, net, labels, tensors, images, threads, file })` gives its version and `step`, which does the work
 * once and returns its values: logits, or the loss before a step of training.
 */
export async function serve(open) {
  let task, step;
  const handlers = {
    async open(request) {
      ({ task } = request);
      const tensors = readTensors(request.file);
      const images = tensors.get('images');
      const shape = [task.batch, ...images.shape.slice(1)];
      const data = images.data.slice(
        0,
        shape.reduce((a, b) => a * b),
      );
      const opened = await open({ ...request, tensors, images: { shape, data } });
      step = opened.step;
      return { version: opened.version };
    },
    async check() {
      const values = [];
      for (let i = 0; i < task.steps; i++) values.push(...(await step()));
      return { values };
    },
    async turn({ ms }) {
      const times = [];
      const end = performance.now() + ms;
      let values;
      do {
        const start = performance.now();
        values = await step();
        times.push(performance.now() - start);
      } while (performance.now() < end);
      return { times, values: [...values] };
    },
  };

  const lines = createInterface({ input: process.stdin });
  for await (const line of lines) {
    const request = JSON.parse(line);
    let reply;
    try {
      reply = await handlers[request.do](request);
    } catch (error) {
      reply = { error: String(error?.message ?? error) };
    }
    writeSync(3, `${JSON.stringify(reply)}\n`);
  }
  // Libraries leave threads behind that hold the process.
  process.exit(0);
}
