/** The files of the installation: the configuration, who else may read or change them, folders, disk space, scripts. */

import { statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { LoadedSettings } from '../../config/settings.ts';
import { loadSettings, openFileWarning } from '../../config/settings.ts';
import { RunError } from '../../model/errors.ts';
import { counted } from '../../report/quantity.ts';
import type { TrialJudge } from '../../sandbox/judge.ts';
import { openJudgeOf, readScriptsOf } from '../adapters.ts';
import { openFiles } from '../file-permissions.ts';
import { Check, doubtful, fine } from './check.ts';
import type { Consultation } from './consultation.ts';
import { metricsProblem, nearest, requireWritePlaces } from './write-places.ts';

export interface FileChecks {
  readonly configuration: Check<LoadedSettings>;
  readonly scripts: Check<TrialJudge>;
  readonly all: readonly Check<unknown>[];
}

/** A log and a small state need no more; below, a run would fail in the middle. */
const LEAST_BYTES = 16 * 1024 * 1024;
/** Room for a day's log beside the copy of the state that each day begins with. */
const ROOM_BYTES = 256 * 1024 * 1024;

export function fileChecks(consultation: Consultation): FileChecks {
  const { configPath, session } = consultation;
  const configuration = new Check({
    id: 'configuration',
    stage: 'FILES',
    title: 'Configuration',
    examine: () => {
      const loaded = loadSettings(configPath);
      // Who may read the file is the next check's.
      const warnings = loaded.warnings.filter((warning) => warning !== openFileWarning(loaded.path));
      if (warnings.length === 0) return fine(configPath, loaded);
      return doubtful(`${configPath}: ${warnings.join('; ')}`, 'Correct the named lines.', loaded);
    },
  });
  const permissions = new Check({
    id: 'permissions',
    stage: 'FILES',
    title: 'Permissions',
    needs: [configuration],
    examine: () => {
      const open = openFiles(configuration.value);
      if (open.length > 0)
        return doubtful(
          open.map(({ complaint }) => `${complaint}.`).join(' '),
          open.map(({ mode, path }) => `chmod ${mode} ${path}`).join('; '),
          null,
        );
      return fine('no other account can change configuration or scripts, or read a key', null);
    },
  });
  const folders = new Check({
    id: 'folders',
    stage: 'FILES',
    title: 'Folders',
    needs: [configuration],
    examine: () => foldersOf(configuration.value),
  });
  const disk = new Check({
    id: 'disk-space',
    stage: 'FILES',
    title: 'Disk space',
    needs: [configuration, folders],
    examine: () => diskSpaceOf(configuration.value),
  });
  const scripts = new Check({
    id: 'scripts',
    stage: 'FILES',
    title: 'Scripts',
    needs: [configuration],
    examine: async () => {
      const { settings } = configuration.value;
      const texts = await readScriptsOf(settings);
      const judge = await openJudgeOf(settings, texts, session);
      consultation.atEnd(() => judge.close());
      const names = [texts.active, texts.org, texts.role].map(({ name }) => name).join(', ');
      const reads = judge.named?.reads.length;
      const what = reads === undefined ? 'any attribute' : counted(reads, 'attribute');
      return fine(`${names} load; they may read ${what}`, judge);
    },
  });
  return { configuration, scripts, all: [configuration, permissions, folders, disk, scripts] };
}

function foldersOf({ settings }: LoadedSettings): ReturnType<typeof fine<null>> {
  requireWritePlaces(settings);
  const problem = metricsProblem(settings);
  if (problem !== null) {
    const fix = 'Correct metrics.file, or make the folder: runs warn, and their numbers are lost.';
    return doubtful(`metrics.file cannot be written to ${problem}`, fix, null);
  }
  const state = dirname(settings['state.location']);
  return fine(`state in ${state} and logs in ${settings['log.location']} can be written`, null);
}

function diskSpaceOf({ settings }: LoadedSettings): ReturnType<typeof fine<null>> {
  const state = settings['state.location'];
  const stateBytes = statSync(state, { throwIfNoEntry: false })?.size ?? 0;
  const logs = nearest(settings['log.location']);
  const isOneDisk = statSync(logs).dev === statSync(dirname(state)).dev;
  const places = [
    { folder: dirname(state), wantedBytes: ROOM_BYTES + 2 * stateBytes },
    ...(isOneDisk ? [] : [{ folder: logs, wantedBytes: ROOM_BYTES }]),
  ];
  const told: string[] = [];
  let isScarce = false;
  for (const { folder, wantedBytes } of places) {
    const { bavail, bsize } = statfsSync(folder);
    const freeBytes = bavail * bsize;
    const sentence = `${megabytes(freeBytes)} free in ${folder}`;
    if (freeBytes < LEAST_BYTES) {
      throw new RunError('FOLDER_READ_ONLY', `The disk is full: ${sentence}.`, { fix: 'Make room there.' });
    }
    isScarce ||= freeBytes < wantedBytes;
    told.push(sentence);
  }
  const message = told.join(', ');
  if (!isScarce) return fine(message, null);
  const fix = `Make room: the state and its daily copy want ${megabytes(ROOM_BYTES + 2 * stateBytes)}.`;
  return doubtful(message, fix, null);
}

function megabytes(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.floor(bytes / 1e6)} MB`;
}
