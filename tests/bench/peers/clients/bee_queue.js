// bee-queue: worker and client.   usage: bee_queue.js worker|client
'use strict';
const Queue = require('bee-queue');
const line = require('./line_client.js');

const isWorker = process.argv[2] === 'worker';
const queue = new Queue('echo', {
  redis: {host: '127.0.0.1', port: Number(process.env.PEERS_PORT)},
  isWorker,
  getEvents: !isWorker,
  sendEvents: isWorker,
  storeJobs: false,
  removeOnSuccess: false,
});

async function client() {
  await queue.ready();
  const succeeded = async () => (await queue.checkHealth()).succeeded;
  const job = () => queue.createJob({value: line.ARGUMENT});
  // Who waits knows the id beforehand: a job may have ended before save() returns.
  const waiting = new Map();
  queue.on('job succeeded', (id, result) => waiting.get(id)?.(result));
  let waits = 0;
  const thereAndBack = async () => {
    const id = `wait-${++waits}`;
    const told = new Promise((resolve) => waiting.set(id, resolve));
    await job().setId(id).save();
    if ((await told) !== line.ARGUMENT) throw new Error('another result');
    waiting.delete(id);
  };
  await line.serve({
    one: (count) => line.secondsOf(async () => {
      for (let i = 0; i < count; ++i) await job().save();
    }),
    bulk: (count) => line.secondsOf(() => line.inPieces(count, (size) => queue.saveAll(line.times(size, job)))),
    drain: (count) => line.drained(count, succeeded),
    check: async () => ({count: await succeeded()}),
    latency: (count) => line.millisecondsOfEach(count, thereAndBack),
  });
}

if (isWorker) {
  queue.process(50, async (job) => job.data.value);
} else {
  client();
}
