/** What edited scripts have to do with the run: how many users of each kind, and the first of them. */

const IMPACTS = [
  { kind: 'DEACTIVATE', title: 'Deactivated', tone: 'deactivate' },
  { kind: 'CREATE', title: 'Created', tone: 'create' },
  { kind: 'REACTIVATE', title: 'Reactivated', tone: 'reactivate' },
  { kind: 'ORG', title: 'Other organization', tone: 'update' },
  { kind: 'ROLES', title: 'Other roles', tone: 'update' },
  { kind: 'FAILS', title: 'Fail now', tone: 'failed' },
  { kind: 'MENDED', title: 'Fail no longer', tone: 'create' },
  { kind: 'SPARED', title: 'Left alone now', tone: 'unchanged' },
  { kind: 'OTHER', title: 'Other attributes', tone: 'update' },
];

/** One user as an example of its kind. */
function example(kind, { userName, from, to, failure }) {
  if (failure !== null) return `${userName}: ${failure}`;
  if (kind === 'ORG') return `${userName}: ${shown(from?.org ?? null)} → ${shown(to?.org ?? null)}`;
  if (kind === 'ROLES') return `${userName}: ${shown(from?.roles ?? null)} → ${shown(to?.roles ?? null)}`;
  return userName;
}

function showImpact(impact) {
  document.getElementById('impact-card').hidden = impact === null;
  if (impact === null) return;
  const since = impact.since === null ? '' : `, in force since ${moment(impact.since)}`;
  document.getElementById('impact-head').textContent =
    `Edited: ${impact.changedScripts.join(', ')}. Beside the scripts of the last live run${since}, ` +
    `${users(impact.users)} of ${count(impact.judged)} would be treated otherwise.`;
  const found = IMPACTS.filter(({ kind }) => impact.kinds[kind].count > 0);
  const most = Math.max(1, ...found.map(({ kind }) => impact.kinds[kind].count));
  for (const { kind, title, tone } of found) {
    const { count: number, first } = impact.kinds[kind];
    const line = element('div', `impact ${tone}`);
    const bar = element('div', 'bar');
    const filled = element('div', 'filled');
    filled.style.width = `${(100 * number) / most}%`;
    bar.append(filled);
    const more = number > first.length ? [`and ${count(number - first.length)} more`] : [];
    const examples = [...first.map((one) => example(kind, one)), ...more].join('; ');
    line.append(
      element('span', 'what', title),
      element('span', 'figures', count(number)),
      bar,
      element('span', 'muted examples', examples),
    );
    document.getElementById('impact').append(line);
  }
  const { withoutEffect, otherChanges } = impact;
  const rest = [
    ...(found.length > 1 ? ['A user may be of several kinds.'] : []),
    ...(withoutEffect > 0
      ? [`${users(withoutEffect)} more are judged otherwise, but nothing follows from it.`]
      : []),
    ...(otherChanges > 0 ? [`${count(otherChanges)} planned changes do not come from the scripts.`] : []),
  ];
  document.getElementById('impact-rest').textContent = rest.join(' ');
}

/** A script that does not decide by the entry alone, as an item of what needs attention. */
function unstable({ name, cause, user, first, second, users: seen, asked }) {
  const share = `${count(seen)} of ${users(asked)} asked twice`;
  if (cause === 'TIME')
    return [name, `depends on the time: for ${user} it says ${first} now and ${second} later (${share}).`];
  const why = cause === 'CHANCE' ? 'answers by chance' : 'answers otherwise in another order';
  return [name, `${why}: for ${user} it said ${first}, then ${second} (${share}).`];
}
