#!/usr/bin/env node
// Finds a Node.js that is fit for c42uds and starts dist/cli/main.js with it.
//
// This file alone is read by whatever Node the machine has, so it keeps to syntax that Node 14 understands:
// an old Node must get as far as the sentence that says what is needed.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// The ABI versions of Node 24 and 26: for these, and no others, the script engine comes ready built.
const READY_ABIS = ['137', '147'];
const FIT = '24 or 26';

// As the original could use the Java of the machine instead of its own.
const USE_SYSTEM_NODE = '--use-system-node';
const systemNode = process.argv[2] === USE_SYSTEM_NODE || process.env.C42UDS_USE_SYSTEM_NODE === '1';
if (process.argv[2] === USE_SYSTEM_NODE) process.argv.splice(2, 1);

const programFolder = fileURLToPath(new URL('..', import.meta.url));
const entry = new URL('../dist/cli/main.js', import.meta.url);
const bundledRuntimes = [
  '../runtime/bin/node',
  '../runtime/node.exe',
  '../node_modules/node/bin/node',
  '../node_modules/node/bin/node.exe',
];

function fail(sentence) {
  process.stderr.write('[ERROR   main] ' + sentence + '\n');
  process.exitCode = 2;
}

function start() {
  if (!existsSync(entry)) {
    fail(
      'c42uds in ' + programFolder + ' has not been built yet: run npm ci (or npm run build) there first.',
    );
    return;
  }
  if (READY_ABIS.includes(process.versions.modules)) {
    runHere();
    return;
  }
  const runtime = (systemNode ? [] : bundledRuntimes)
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((path) => existsSync(path));
  if (runtime !== undefined) {
    runWith(runtime);
    return;
  }
  fail(
    'c42uds needs Node.js ' +
      FIT +
      ', this is ' +
      process.versions.node +
      (systemNode
        ? ', the one of this machine: leave out ' + USE_SYSTEM_NODE + ' to use the one that c42uds brings.'
        : ' and there is no bundled runtime: install Node.js ' +
          FIT +
          ', or run npm ci in ' +
          programFolder +
          '.'),
  );
}

function runHere() {
  import(entry.href).then(
    (program) => program.main(),
    (error) => {
      fail('c42uds cannot be loaded: ' + (error && error.message ? error.message : error));
    },
  );
}

function runWith(runtime) {
  // The channel tells the child when this process dies without a word (kill -9): a sync must not go on unseen.
  // As the launchers do: short-lived values may take 8 MB and not 32 before they are looked through.
  const words = ['--max-semi-space-size=8', fileURLToPath(import.meta.url)].concat(process.argv.slice(2));
  const child = spawn(runtime, words, {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => child.kill(signal));
  }
  child.on('error', (error) => fail('The bundled runtime ' + runtime + ' does not start: ' + error.message));
  child.on('exit', (code, signal) => {
    if (signal === null) {
      process.exit(code);
    }
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

start();
