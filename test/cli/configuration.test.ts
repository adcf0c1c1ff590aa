/** Which config.properties a command means. */

import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { configurationPath } from '../../src/cli/configuration.ts';

const place = { cwd: resolve('/home/ada'), programFolder: resolve('/opt/c42uds') };
const HERE = resolve('/home/ada/config.properties');
const THERE = resolve('/opt/c42uds/config.properties');

function pathWhere(existing: readonly string[], given: string | null = null, cwd = place.cwd): string {
  return configurationPath(given, { ...place, cwd }, (path) => existing.includes(path));
}

test('the one given wins, relative to the current folder, even where it does not exist', () => {
  assert.equal(pathWhere([HERE, THERE], 'other.properties'), resolve('/home/ada/other.properties'));
  assert.equal(pathWhere([HERE], resolve('/etc/c.properties')), resolve('/etc/c.properties'));
});

test('then the one of the current folder', () => {
  assert.equal(pathWhere([HERE, THERE]), HERE);
});

test('then the one of the program folder, where the original kept it and a scheduler finds it', () => {
  assert.equal(pathWhere([THERE]), THERE);
});

test('a new one goes to the current folder', () => {
  assert.equal(pathWhere([]), HERE);
});

test('a new one goes to the program folder for somebody who stands in its bin, as the article has it', () => {
  assert.equal(pathWhere([], null, resolve('/opt/c42uds/bin')), THERE);
  assert.equal(pathWhere([], null, resolve('/opt/c42uds')), THERE);
});
