/** Puts the page together from its data. */

const { result, history, reasons, sources, leftOut } = dataOf('run');
const reasonOf = (user) => (typeof user[REASON] === 'number' ? reasons[user[REASON]] : user[REASON]);
const place = (id) => document.getElementById(id);
const live = result.mode === 'LIVE';
const stopped = result.verdict === 'STOPPED_BY_GUARD';

/** Failures first, then what takes something away; within each, by name. Most reports come in that order already. */
function inOrder(users) {
  const shelves = ACTIONS.map(() => []);
  for (const user of users) shelves[ORDER.get(user[ACTION])].push(user);
  for (const shelf of shelves) {
    const isSorted = shelf.every((user, at) => at === 0 || shelf[at - 1][USER_NAME] <= user[USER_NAME]);
    if (!isSorted) shelf.sort((a, b) => (a[USER_NAME] < b[USER_NAME] ? -1 : 1));
  }
  return shelves;
}

const shelves = inOrder(dataOf('users'));
const rows = shelves.flat();
const numbers = new Map(ACTIONS.map(({ name }, at) => [name, shelves[at].length]));

function sentence() {
  const failed = result.failures.length + result.waiting.length;
  switch (result.verdict) {
    case 'PLAN_READY':
      return ['good', 'The plan can be carried out.', 'This was a dry run: nothing was written.'];
    case 'NOTHING_TO_DO':
      return ['good', 'There is nothing to change.', 'This was a dry run: nothing was written.'];
    case 'SYNCHRONIZED':
      return ['good', 'Synchronized.', 'The service has confirmed every change.'];
    case 'USERS_FAILED':
      return [
        'warn',
        `${users(failed)} failed${failed === 0 ? '; names of --files were not found' : ''}.`,
        live
          ? 'Everybody else is synchronized; they are tried again in the next run.'
          : 'This was a dry run: nothing was written.',
      ];
    case 'READ_INCOMPLETE':
      return [
        'bad',
        'The directory was read incompletely.',
        `${result.read.reason} Nobody was counted absent or deactivated for absence.`,
      ];
    case 'STOPPED_BY_GUARD':
      return [
        'bad',
        live
          ? 'A safety limit stopped this run before its first write.'
          : 'A safety limit would stop this run.',
        `Nothing was written. If the plan is right as it is, approve plan ${result.planId}.`,
      ];
    default:
      return ['bad', 'The run ended early.', `${result.error.message} ${result.error.fix}`];
  }
}

/** An estimate, and called one. */
function estimateOf({ requests, durationMs, limitPerSecond }) {
  const time = durationMs < 10_000 ? 'some seconds' : `about ${duration(durationMs)}`;
  const limit = limitPerSecond === null ? '' : `, at ${count(Math.round(limitPerSecond * 60))} a minute`;
  return `live run: ${time} for ${count(requests)} ${requests === 1 ? 'request' : 'requests'}${limit}`;
}

function showHead() {
  const kind = live ? 'Live run' : 'Dry run';
  const scope =
    result.filterFile !== null || result.nameFiles !== null
      ? 'limited'
      : result.scope === 'FULL'
        ? 'full'
        : 'incremental';
  place('title').textContent = `${kind}, ${scope} synchronization`;
  const requests = Object.entries(result.requests).map(([method, number]) => `${method} ${count(number)}`);
  const facts = [
    moment(result.startedAt),
    `took ${duration(result.durationMs)}`,
    ...(result.read === null ? [] : [`${users(result.read.entries)} read`]),
    ...(requests.length === 0 ? [] : [`SCIM requests: ${requests.join(', ')}`]),
    ...(result.estimate === null ? [] : [estimateOf(result.estimate)]),
  ];
  place('subtitle').textContent = facts.join('  ·  ');
  const [tone, first, more] = sentence();
  place('verdict').classList.add(tone);
  place('verdict').append(element('strong', '', first), element('span', '', ` ${more}`));
  place('footer').textContent = [
    `${result.baseDn} at ${result.directory} → ${result.service}`,
    `c42uds ${result.version}`,
    `run ${result.runId}`,
    ...(result.planId === null ? [] : [`plan ${result.planId}`]),
    `exit code ${result.exitCode}`,
    'This page holds personal data and asks the network for nothing. Charts: uPlot, MIT licence, © Leon Sorokin.',
  ].join('  ·  ');
}

function showProblems() {
  const items = [
    ...result.guards.map(({ property, message, users: named, userCount }) => {
      const more = userCount > named.length ? ` and ${count(userCount - named.length)} more` : '';
      return [property, named.length === 0 ? message : `${message} Users: ${named.join(', ')}${more}.`];
    }),
    ...result.instabilities.map(unstable),
    ...result.waiting.map(({ user, message, since, attempts, retryAt }) => [
      user,
      `failed ${attempts} times since ${moment(since)}, next attempt after ${moment(retryAt)}: ${message}`,
    ]),
    ...result.namesNotFound.map((name) => [name, 'stands in a --files list, and no entry was found for it.']),
  ];
  place('problems-card').hidden = items.length === 0;
  for (const [who, what] of items) {
    const item = element('li');
    item.append(element('strong', '', who), element('span', '', ` ${what}`));
    place('problems').append(item);
  }
}

function showLimits() {
  place('limits-card').hidden = result.headroom.length === 0;
  for (const { property, what, count: number, of, limit, tripped } of result.headroom) {
    const share = of === null ? number : (100 * number) / Math.max(1, of);
    const line = element('div', `limit${tripped ? ' tripped' : ''}`);
    const bar = element('div', 'bar');
    const filled = element('div', 'filled');
    filled.style.width = `${Math.min(100, (100 * share) / Math.max(limit, 0.001))}%`;
    bar.append(filled);
    const few = share > limit && !tripped ? ' (too few to count)' : '';
    const text =
      of === null
        ? `${count(number)}, limit ${count(limit)}`
        : `${count(number)} of ${count(of)} = ${share.toFixed(1)} %, limit ${limit} %${few}`;
    line.append(
      element('span', 'what', what),
      bar,
      element('span', 'figures', text),
      element('code', 'muted', property),
    );
    place('limits').append(line);
  }
}

const chosenActions = new Set();

function showTiles(update) {
  for (const { name, title, done } of ACTIONS) {
    const number = numbers.get(name) + (name === 'unchanged' ? leftOut : 0);
    const core = ['failed', 'deactivate', 'create', 'reactivate', 'update'].includes(name);
    if (number === 0 && !core) continue;
    const tile = element('button', `tile ${name}`);
    tile.type = 'button';
    tile.setAttribute('aria-pressed', 'false');
    tile.append(
      element('span', 'number', count(number)),
      element('span', 'title', live && !stopped ? done : title),
    );
    tile.addEventListener('click', () => {
      if (!chosenActions.delete(name)) chosenActions.add(name);
      tile.setAttribute('aria-pressed', String(chosenActions.has(name)));
      update();
    });
    tile.disabled = number === 0;
    place('tiles').append(tile);
  }
}

function showAttributes() {
  const found = new Map();
  for (const user of rows) {
    if (user[ACTION] === 'create') continue;
    for (const [name] of user[CHANGES]) found.set(name, (found.get(name) ?? 0) + 1);
    for (const name of user[WITHHELD]) found.set(name, (found.get(name) ?? 0) + 1);
  }
  const select = place('attribute');
  select.append(new Option('Any attribute', ''));
  for (const [name, number] of [...found].sort((a, b) => b[1] - a[1]))
    select.append(new Option(`${name} (${count(number)})`, name));
}

function showUser(row) {
  const user = rows[row];
  place('user-title').textContent = user[USER_NAME];
  const body = place('user-body');
  const facts = element('dl');
  const add = (name, value) => {
    if (value === null || value === '') return;
    facts.append(element('dt', '', name), element('dd', '', value));
  };
  const status = user[STATUS].toLowerCase();
  add('What', status === user[ACTION] ? status : `${user[ACTION]}, ${status}`);
  add('Why', reasonOf(user));
  add('Active', user[ACTIVE] === null ? null : String(user[ACTIVE]));
  add('Organization', user[ORG]);
  add('Roles', user[ROLES] === null ? null : shown(user[ROLES]));
  add('DN', user[DN]);
  add('Identity', user[IDENTITY]);
  add('SCIM id', user[SCIM_ID]);
  body.replaceChildren(facts);
  if (user[CHANGES].length + user[WITHHELD].length > 0) body.append(changeTable(user));
  place('user').showModal();
}

function changeTable(user) {
  const table = element('table');
  const head = element('tr');
  for (const title of ['Attribute', 'Old', 'New', 'Comes from']) head.append(element('th', '', title));
  table.append(head);
  for (const [name, from, to] of user[CHANGES]) {
    const line = element('tr');
    line.append(
      element('th', '', name),
      element('td', 'old', shown(from)),
      element('td', 'new', shown(to)),
      element('td', 'muted', user[ACTION] === 'deactivate' ? reasonOf(user) : (sources[name] ?? '')),
    );
    table.append(line);
  }
  for (const name of user[WITHHELD]) {
    const line = element('tr');
    line.append(element('th', '', name), element('td', '', 'changed; its values are sensitive'));
    line.lastChild.colSpan = 3;
    table.append(line);
  }
  return table;
}

function showRuns() {
  place('runs-card').hidden = history.length === 0;
  const columns = [
    ['Began', (run) => moment(run.startedAt)],
    ['Scope', (run) => run.scope.toLowerCase()],
    ['Took', (run) => duration(run.durationMs)],
    ['Read', (run) => count(run.read)],
    ['Created', (run) => count(run.created)],
    ['Updated', (run) => count(run.updated)],
    ['Reactivated', (run) => count(run.reactivated)],
    ['Deactivated', (run) => count(run.deactivated)],
    ['Failed', (run) => count(run.failed)],
    ['Exit code', (run) => String(run.exitCode)],
  ];
  const head = element('tr');
  for (const [title] of columns) head.append(element('th', '', title));
  place('runs').append(head);
  for (const run of history) {
    const line = element('tr', run.exitCode === 0 ? '' : 'bad');
    for (const [, value] of columns) line.append(element('td', '', value(run)));
    place('runs').append(line);
  }
}

const list = new UserList(rows, reasonOf, sources, showUser);

function update() {
  const words = place('search')
    .value.toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  list.filter({ actions: chosenActions, words, attribute: place('attribute').value });
  const all = list.chosen.length === rows.length;
  place('found').textContent = all
    ? users(rows.length)
    : `${count(list.chosen.length)} of ${users(rows.length)}`;
  place('clear').hidden = all;
  place('list').classList.toggle('empty', list.chosen.length === 0);
  place('list').style.height = list.height < 560 ? `${Math.max(64, list.height + 2)}px` : '';
  list.render();
}

function clear() {
  place('search').value = '';
  place('attribute').value = '';
  chosenActions.clear();
  for (const tile of place('tiles').children) tile.setAttribute('aria-pressed', 'false');
  update();
}

function draw() {
  const totals = ['create', 'update', 'reactivate', 'deactivate', 'failed'].map((name) => [
    name,
    numbers.get(name),
  ]);
  drawCharts(totals, history.slice(0, 60).reverse());
}

function listen() {
  place('search').addEventListener('input', update);
  place('attribute').addEventListener('change', update);
  place('clear').addEventListener('click', clear);
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || place('user').open) return;
    const typing = /^(INPUT|SELECT)$/.test(document.activeElement?.tagName ?? '');
    if (event.key === '/' && !typing) {
      event.preventDefault();
      place('search').focus();
    } else if (event.key === 'Escape') {
      clear();
    } else if (event.key === 'ArrowDown' && document.activeElement === place('search')) {
      event.preventDefault();
      place('list').focus();
    }
  });
  place('user').addEventListener('click', (event) => {
    if (event.target === place('user')) place('user').close();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  let width = innerWidth;
  addEventListener('resize', () => {
    if (innerWidth !== width) draw();
    width = innerWidth;
  });
  matchMedia('print').addEventListener('change', ({ matches }) => paper(matches));
  addEventListener('beforeprint', () => paper(true));
  addEventListener('afterprint', () => paper(false));
}

let onPaper = false;

/** Paper is white and cannot scroll. */
function paper(begins) {
  if (begins === onPaper) return;
  onPaper = begins;
  document.documentElement.classList.toggle('paper', begins);
  const missing = begins ? list.print() : (list.unprint(), 0);
  note(
    missing === 0
      ? ''
      : `${users(missing)} more do not fit on paper: filter the list, or take a report as .csv.`,
  );
  draw();
}

function note(text) {
  const left =
    leftOut === 0
      ? ''
      : `${users(leftOut)} without a change are left out here; a report as .csv or .json has them all. `;
  place('note').textContent = left + text;
}

showHead();
showProblems();
showLimits();
showImpact(result.scriptImpact);
showTiles(update);
showAttributes();
showRuns();
listen();
note('');
update();
draw();
document.documentElement.dataset.ready = 'true';
