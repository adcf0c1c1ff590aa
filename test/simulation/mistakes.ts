/** Mistakes that administrators make, each of which concerns most people at once: what guards are for. */

import type { World } from './world.ts';

/** Makes the mistake; what it returns mends it. */
export type Mistake = (world: World) => () => void;

/** The usual share of people concerned: above most limits, as a mistake is. */
const MOST = 0.7;

/** A search filter that leaves most people out. Whoever changes the filter, or puts it back, changes the settings. */
function wrongFilter(world: World): () => void {
  const { lab, chance } = world;
  const hidden = world.everybody().filter(() => chance.happens(MOST));
  for (const identity of hidden) lab.directory.hide(identity);
  lab.scopeKey = 'another filter';
  return () => {
    for (const identity of hidden) lab.directory.show(identity);
    lab.scopeKey = 'scope';
  };
}

/** The account that reads loses its right to one attribute: nothing changes on the entries, and nothing when it is given back. */
function lostRight(world: World): () => void {
  world.lab.directory.unreadable = 'title';
  world.leftNoTrace = true;
  return () => {
    world.lab.directory.unreadable = null;
  };
}

/** Most people are disabled in the directory, and enabled again. */
function everybodyDisabled(world: World): () => void {
  const { lab, chance } = world;
  const { directory } = lab;
  const enabled = world
    .everybody()
    .filter((identity) => directory.entries.get(identity)?.entry.attributes['disabled']?.[0] === 'no');
  const disabled = enabled.filter(() => chance.happens(MOST));
  for (const identity of disabled) directory.change(identity, { disabled: 'yes' });
  return () => {
    for (const identity of disabled) {
      if (directory.entries.has(identity)) directory.change(identity, { disabled: 'no' });
    }
  };
}

/** A script that names other organizations, and is put back. */
function otherOrganizations(world: World): () => void {
  world.orgPrefix = 'New ';
  world.lab.scopeKey = 'another script';
  return () => {
    world.orgPrefix = '';
    world.lab.scopeKey = 'scope';
  };
}

export const MISTAKES: readonly Mistake[] = [wrongFilter, lostRight, everybodyDisabled, otherOrganizations];
