// How a client answers the driver; the words are in line_client.hpp.
'use strict';
const dgram = require('dgram');
const readline = require('readline');

exports.ARGUMENT = '0123456789abcdef0123456789abcdef';
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function secondsOf(work) {
  const begin = process.hrtime.bigint();
  await work();
  return {seconds: Number(process.hrtime.bigint() - begin) / 1e9};
}

exports.secondsOf = secondsOf;

// Asks done() every five milliseconds.
exports.drained = async (wanted, done) => {
  let first = 0;
  while ((first = await done()) === 0) await sleep(5);
  let now = first;
  const {seconds} = await secondsOf(async () => {
    while ((now = await done()) < wanted) await sleep(5);
  });
  return {tasks: now - first, seconds};
};

exports.millisecondsOfEach = async (rounds, work) => {
  const ms = [];
  for (let i = 0; i < rounds; ++i) ms.push((await secondsOf(work)).seconds * 1e3);
  return {ms};
};

exports.times = (count, make) => Array.from({length: count}, make);

// Submits in pieces of a thousand.
exports.inPieces = async (count, submit) => {
  for (let left = count; left > 0; left -= 1000) await submit(Math.min(left, 1000));
};

// A datagram socket that a task of a system without results tells that it has started: 'port' goes with the task.
exports.ear = async () => {
  const socket = dgram.createSocket('udp4');
  await new Promise((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const heard = [];
  const waiting = [];
  socket.on('message', (text) => (waiting.length ? waiting.shift()(String(text)) : heard.push(String(text))));
  const next = () => (heard.length ? heard.shift() : new Promise((resolve) => waiting.push(resolve)));
  return {port: socket.address().port, next};
};

exports.serve = async (answers) => {
  for await (const line of readline.createInterface({input: process.stdin})) {
    const [what, count] = line.split(' ');
    console.log(JSON.stringify(await answers[what](Number(count))));
  }
  process.exit(0);
};
