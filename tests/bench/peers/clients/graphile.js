// graphile-worker: worker and client.   usage: graphile.js worker|client
'use strict';
const dgram = require('dgram');
const {makeWorkerUtils, run, Logger} = require('graphile-worker');
const {Pool} = require('pg');
const line = require('./line_client.js');

const quiet = new Logger(() => () => {});

async function worker() {
  const socket = dgram.createSocket('udp4');
  const echo = async ({value, port}) => {
    if (port) socket.send(value, port, '127.0.0.1');
    return value;
  };
  const batches = {localQueue: {size: 500}, completeJobBatchDelay: 0, failJobBatchDelay: 0};
  await run({
    taskList: {echo},
    logger: quiet,
    preset: {worker: {connectionString: 'postgres:///', concurrentJobs: 24, maxPoolSize: 10, ...batches}},
  });
}

async function client() {
  const pgPool = new Pool();
  const utils = await makeWorkerUtils({pgPool, logger: quiet});
  await utils.migrate();
  const waiting = async () => Number((await pgPool.query('select count(*) from graphile_worker.jobs')).rows[0].count);
  let submitted = 0;
  const one = async () => {
    ++submitted;
    await utils.addJob('echo', {value: line.ARGUMENT});
  };
  const many = async (size) => {
    submitted += size;
    await utils.addJobs(line.times(size, () => ({identifier: 'echo', payload: {value: line.ARGUMENT}})));
  };
  await line.serve({
    one: (count) => line.secondsOf(async () => {
      for (let i = 0; i < count; ++i) await one();
    }),
    bulk: (count) => line.secondsOf(() => line.inPieces(count, many)),
    drain: (count) => line.drained(count, async () => submitted - (await waiting())),
    check: async () => ({count: submitted - (await waiting())}),
    latency: async (count) => {
      const ear = await line.ear();
      return line.millisecondsOfEach(count, async () => {
        await utils.addJob('echo', {value: line.ARGUMENT, port: ear.port});
        if ((await ear.next()) !== line.ARGUMENT) throw new Error('another argument');
      });
    },
  });
}

(process.argv[2] === 'worker' ? worker : client)();
