// BullMQ: worker and client.   usage: bullmq.js worker|client
'use strict';
const {Queue, QueueEvents, Worker} = require('bullmq');
const line = require('./line_client.js');

const connection = {host: '127.0.0.1', port: Number(process.env.PEERS_PORT), maxRetriesPerRequest: null};

async function client() {
  const queue = new Queue('echo', {connection});
  await queue.waitUntilReady();
  const completed = () => queue.getCompletedCount();
  const job = () => ({name: 'echo', data: {value: line.ARGUMENT}});
  let events;
  const thereAndBack = async () => {
    const added = await queue.add('echo', job().data);
    if ((await added.waitUntilFinished(events)) !== line.ARGUMENT) throw new Error('another result');
  };
  await line.serve({
    one: (count) => line.secondsOf(async () => {
      for (let i = 0; i < count; ++i) await queue.add('echo', job().data);
    }),
    bulk: (count) => line.secondsOf(() => line.inPieces(count, (size) => queue.addBulk(line.times(size, job)))),
    drain: (count) => line.drained(count, completed),
    check: async () => ({count: await completed()}),
    latency: async (count) => {
      events = new QueueEvents('echo', {connection});
      await events.waitUntilReady();
      return line.millisecondsOfEach(count, thereAndBack);
    },
  });
}

if (process.argv[2] === 'worker') {
  new Worker('echo', async (job) => job.data.value, {connection, concurrency: 50});
} else {
  client();
}
