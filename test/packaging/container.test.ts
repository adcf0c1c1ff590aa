/** The container recipe and the Kubernetes example, read closely; neither Docker nor a cluster is asked for. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { interpretArguments } from '../../src/cli/arguments.ts';
import { VERSION } from './release.ts';

const FOLDER = join(import.meta.dirname, '../../packaging/container');
const INSTRUCTIONS = new Set(
  'ARG CMD COPY ENTRYPOINT ENV FROM HEALTHCHECK LABEL RUN USER VOLUME WORKDIR'.split(' '),
);

/** Instructions in order, continued lines joined, comments left out (Dockerfile reference, "Format"). */
function instructionsOf(text: string): { readonly name: string; readonly value: string }[] {
  const lines = text.split('\n').filter((line) => !/^\s*(?:#|$)/.test(line));
  return lines
    .join('\n')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => ({ name: line.split(/\s/)[0] ?? '', value: line.replace(/^\S+\s+/, '') }));
}

describe('the Dockerfile', () => {
  const instructions = instructionsOf(readFileSync(join(FOLDER, 'Dockerfile'), 'utf8'));
  const all = (name: string): string[] =>
    instructions.filter((instruction) => instruction.name === name).map(({ value }) => value);
  const lastStage = instructions.slice(instructions.findLastIndex(({ name }) => name === 'FROM'));

  it('has instructions that are known only, and fetches nothing', () => {
    for (const { name } of instructions)
      assert.ok(INSTRUCTIONS.has(name), `${name} is not among those we use`);
    for (const command of all('RUN')) assert.doesNotMatch(command, /curl|wget|apt|npm|https?:/);
  });

  it('names the version of each base image', () => {
    assert.equal(all('FROM').length, 2);
    for (const image of all('FROM')) assert.match(image, /^debian:\d+-slim(?: AS \w+)?$/);
  });

  it('ends as a user by number who is not root, and starts the program without a shell', () => {
    const users = lastStage.filter(({ name }) => name === 'USER');
    assert.match(users.at(-1)?.value ?? '', /^[1-9]\d{3,}:[1-9]\d{3,}$/);
    const start = lastStage.filter(({ name }) => name === 'ENTRYPOINT' || name === 'CMD');
    assert.equal(start.length, 2);
    for (const { value } of start) assert.ok(Array.isArray(JSON.parse(value)), value);
    // Without further words the container makes a dry run.
    assert.ok(!start.some(({ value }) => value.includes('--sync-now')));
  });

  it('asks the builder for the platform and presets none, which would hide what the builder says', () => {
    for (const value of all('ARG')) assert.match(value, /^(?:VERSION|TARGETARCH)$/);
    const [unpack = ''] = all('RUN');
    const choose = /case .* esac/.exec(unpack)?.[0] ?? '';
    const chosen = (platform: string | null, machine: string): string => {
      const words = ['-euc', `dpkg() { echo ${machine}; }; ${choose}; echo "$arch"`];
      const env = { PATH: process.env['PATH'], ...(platform === null ? {} : { TARGETARCH: platform }) };
      return execFileSync('sh', words, { env, encoding: 'utf8' }).trim();
    };
    assert.equal(chosen('arm64', 'amd64'), 'arm64');
    assert.equal(chosen('amd64', 'arm64'), 'x64');
    // Before BuildKit nobody sets it: the machine that builds is the one it is for.
    assert.equal(chosen(null, 'arm64'), 'arm64');
    assert.equal(chosen('', 'amd64'), 'x64');
    assert.throws(() => chosen('s390x', 'amd64'));
  });

  it('leads set-up, migration and what a run reads in between to the volume', () => {
    const [volume = ''] = all('VOLUME');
    const places = new Map(
      all('ENV').flatMap((value) => value.split(' ').map((part) => part.split('=', 2) as [string, string])),
    );
    for (const name of ['STATE_DIRECTORY', 'LOGS_DIRECTORY', 'SQLITE_TMPDIR'])
      assert.ok(`${places.get(name)}/`.startsWith(`${volume}/`), name);
  });

  it('holds no secret and leaves the program to root', () => {
    for (const value of [...all('ENV'), ...all('ARG')]) assert.doesNotMatch(value, /password|secret|token/i);
    for (const { name, value } of lastStage) if (name === 'COPY') assert.match(value, /--chown=0:0/);
  });
});

describe('a configuration that is mounted', () => {
  const volume = /^VOLUME (\S+)$/m.exec(readFileSync(join(FOLDER, 'Dockerfile'), 'utf8'))?.[1] ?? '?';

  for (const path of ['Dockerfile', 'cronjob.yaml', '../../docs/operating.md']) {
    it(`is told by ${path} to name the places of state and logs, in the volume`, () => {
      const text = readFileSync(join(FOLDER, path), 'utf8');
      for (const [key, place] of [
        ['state.location', `${volume}/state.db`],
        ['log.location', `${volume}/logs`],
      ])
        assert.match(text, new RegExp(`${RegExp.escape(`${key}=${place}`)}(?![\\w/])`), key);
    });
  }
});

describe('the words of docker in the guide and in the recipe', () => {
  const recipe = readFileSync(join(FOLDER, 'Dockerfile'), 'utf8');
  const guide = readFileSync(join(FOLDER, '../../docs/operating.md'), 'utf8');
  const commandsOf = (text: string): string[] =>
    text
      .replaceAll(/\\\n#?\s*/g, '')
      .split('\n')
      .map((line) => line.replace(/^#\s*/, ''))
      .filter((line) => /^docker (?:build|run) /.test(line));
  const [build = '', run = '', ...others] = commandsOf(guide);

  it('are the same', () => {
    assert.deepEqual(commandsOf(recipe), [build, run]);
    assert.deepEqual(others, []);
  });

  it('build from the archive of this version, by the recipe in it, and send nothing else to the builder', () => {
    const image = `c42uds:${VERSION}`;
    assert.match(
      build,
      new RegExp(`--build-arg VERSION=${RegExp.escape(VERSION)} -t ${RegExp.escape(image)} `),
    );
    assert.ok(build.endsWith(` -f c42uds-${VERSION}/container/Dockerfile .`));
    const ignored = readFileSync(join(FOLDER, 'Dockerfile.dockerignore'), 'utf8');
    assert.deepEqual(
      ignored.split('\n').filter((line) => !/^(?:#|$)/.test(line)),
      ['*', '!c42uds-*-linux-*.tar.gz'],
    );
    assert.ok(readFileSync(join(FOLDER, 'cronjob.yaml'), 'utf8').includes(`image: ${image}\n`));
  });

  it('run without rights, on a file system that cannot be written but for the volume of the image, secrets as files', () => {
    for (const words of ['--read-only', '--cap-drop ALL', '--security-opt no-new-privileges', '--tmpfs /tmp'])
      assert.ok(run.includes(` ${words} `), words);
    const mounts = [...run.matchAll(/--mount type=(\w+),source=[^,]+,target=([^, ]+)(,readonly)?/g)].map(
      ([, type, target, readonly]) => [type, target, readonly !== undefined],
    );
    assert.deepEqual(mounts, [
      ['volume', /^VOLUME (\S+)$/m.exec(recipe)?.[1], false],
      ['bind', '/etc/c42uds', true],
      ['bind', '/run/secrets', true],
    ]);
    // No -e: the environment of a container is shown by "docker inspect".
    assert.doesNotMatch(run, / (?:-e|--env|--user|--privileged)\b/);
    const words = run
      .slice(run.indexOf(` c42uds:${VERSION} `))
      .trim()
      .split(' ')
      .slice(1);
    assert.doesNotThrow(() => interpretArguments(words, '1'));
  });
});

describe('the CronJob', () => {
  const text = readFileSync(join(FOLDER, 'cronjob.yaml'), 'utf8');
  /** Lines of `key: value`, wherever they stand; no key that is asked for stands twice. */
  const valueOf = (key: string): string => {
    const found = [...text.matchAll(new RegExp(`^\\s+(?:- )?${key}: (.*)$`, 'gm'))];
    assert.equal(found.length, 1, `${key} stands ${found.length} times`);
    return found[0]?.[1] ?? '';
  };

  it('never runs twice at once and does not repeat a run that was stopped', () => {
    assert.equal(valueOf('concurrencyPolicy'), 'Forbid');
    assert.equal(valueOf('backoffLimit'), '0');
    assert.equal(valueOf('restartPolicy'), 'Never');
  });

  it('runs as the user of the image, without rights and on a file system that cannot be written', () => {
    const user = /^USER (\d+):(\d+)$/m.exec(readFileSync(join(FOLDER, 'Dockerfile'), 'utf8'));
    assert.equal(valueOf('runAsUser'), user?.[1]);
    assert.equal(valueOf('runAsGroup'), user?.[2]);
    assert.equal(valueOf('runAsNonRoot'), 'true');
    assert.equal(valueOf('readOnlyRootFilesystem'), 'true');
    assert.equal(valueOf('allowPrivilegeEscalation'), 'false');
    assert.equal(valueOf('automountServiceAccountToken'), 'false');
    assert.equal(valueOf('drop'), "['ALL']");
  });

  it('takes the passwords from files and mounts a volume for each mount', () => {
    assert.doesNotMatch(text, /^\s+(?:- )?env(?:From)?:/m);
    assert.match(text, /secret: \{ secretName: c42uds, defaultMode: 0440 \}/);
    const mounts = [...text.matchAll(/- \{ name: (\w+), mountPath:/g)].map(([, name]) => name);
    const volumes = [...text.matchAll(/^ {12}- name: (\w+)$/gm)].map(([, name]) => name);
    assert.ok(mounts.length > 3);
    for (const name of mounts) assert.ok(volumes.includes(name), name);
  });

  it('is indented by two blanks and without tabs', () => {
    for (const line of text.split('\n')) assert.match(line, /^(?: {2})*(?:\S|$)/, line);
  });
});
