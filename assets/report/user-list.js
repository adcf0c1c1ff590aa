/** The list of users: only the rows in sight are in the document, whatever their number. */

const HEAD_HEIGHT = { wide: 38, narrow: 58 };
const LINE_HEIGHT = 22;
const FOOT_HEIGHT = 9;
/** More changed attributes than these are counted; the user's own page shows all. */
const MOST_LINES = 6;
/** Browsers do not lay out taller elements: beyond it the bar moves faster than the list. */
const TALLEST = 10_000_000;
const OVERSCAN = 400;
/** A page of paper takes some twenty users. */
const MOST_PRINTED = 3000;

class UserList {
  constructor(rows, reasonOf, sources, open) {
    this.rows = rows;
    this.reasonOf = reasonOf;
    this.sources = sources;
    this.open = open;
    this.list = document.getElementById('list');
    this.inner = document.getElementById('rows');
    this.texts = new Array(rows.length);
    this.chosen = [];
    this.active = -1;
    this.printing = false;
    this.nodes = new Map();
    this.narrow = matchMedia('(max-width: 720px)');
    this.list.addEventListener('scroll', () => this.render(), { passive: true });
    this.list.addEventListener('keydown', (event) => this.onKey(event));
    this.inner.addEventListener('click', (event) => {
      const row = event.target.closest('.row');
      if (row === null) return;
      this.moveTo(Number(row.dataset.at));
      this.open(this.chosen[this.active]);
    });
    this.narrow.addEventListener('change', () => this.measure());
    new ResizeObserver(() => this.render()).observe(this.list);
  }

  /** Everything by which a user can be found, once he is looked for. */
  textOf(row) {
    const known = this.texts[row];
    if (known !== undefined) return known;
    const user = this.rows[row];
    const values = user[CHANGES].map(([name, from, to]) => `${name} ${shown(from)} ${shown(to)}`);
    const parts = [
      user[USER_NAME],
      user[DN],
      user[ORG],
      shown(user[ROLES]),
      this.reasonOf(user),
      user[IDENTITY],
      user[SCIM_ID],
    ];
    const text = [...parts, ...values, ...user[WITHHELD]].join('\n').toLowerCase();
    this.texts[row] = text;
    return text;
  }

  /** Shows the users of these actions (all where the set is empty) that hold every word and change the attribute. */
  filter({ actions, words, attribute }) {
    const chosen = [];
    for (let row = 0; row < this.rows.length; row += 1) {
      const user = this.rows[row];
      if (actions.size > 0 && !actions.has(user[ACTION])) continue;
      if (attribute !== '' && !changes(user, attribute)) continue;
      if (words.length > 0) {
        const text = this.textOf(row);
        if (!words.every((word) => text.includes(word))) continue;
      }
      chosen.push(row);
    }
    this.chosen = chosen;
    this.active = chosen.length === 0 ? -1 : 0;
    this.list.scrollTop = 0;
    this.measure();
  }

  linesOf(user) {
    const known = user[CHANGES].length + user[WITHHELD].length;
    switch (user[ACTION]) {
      case 'update':
      case 'reactivate':
        return Math.min(Math.max(1, known), MOST_LINES + 1);
      case 'unchanged':
      case 'skip':
      case 'resend':
        return 0;
      default:
        return 1;
    }
  }

  measure() {
    const head = this.narrow.matches ? HEAD_HEIGHT.narrow : HEAD_HEIGHT.wide;
    const tops = new Float64Array(this.chosen.length + 1);
    this.chosen.forEach((row, at) => {
      const lines = this.linesOf(this.rows[row]);
      tops[at + 1] = tops[at] + head + (lines === 0 ? 0 : lines * LINE_HEIGHT + FOOT_HEIGHT);
    });
    this.tops = tops;
    this.nodes.clear();
    this.render();
  }

  get height() {
    return this.tops?.at(-1) ?? 0;
  }

  /** How far the list moves for each pixel of the bar. */
  get ratio() {
    const view = this.list.clientHeight;
    return this.height <= TALLEST ? 1 : (this.height - view) / (TALLEST - view);
  }

  /** The position of the last row that begins at or above `top`. */
  at(top) {
    let low = 0;
    let high = this.chosen.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.tops[middle] <= top) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  render() {
    if (this.tops === undefined || this.printing) return;
    this.inner.style.height = `${Math.min(this.height, TALLEST)}px`;
    const { scrollTop, clientHeight } = this.list;
    const top = scrollTop * this.ratio;
    const shift = scrollTop - top;
    const visible = [];
    for (let at = this.at(Math.max(0, top - OVERSCAN)); at < this.chosen.length; at += 1) {
      if (this.tops[at] > top + clientHeight + OVERSCAN) break;
      visible.push(at);
    }
    const kept = new Map();
    const nodes = visible.map((at) => {
      const node = this.nodes.get(at) ?? this.rowNode(at);
      node.style.transform = `translateY(${this.tops[at] + shift}px)`;
      node.classList.toggle('active', at === this.active);
      node.setAttribute('aria-selected', String(at === this.active));
      kept.set(at, node);
      return node;
    });
    this.nodes = kept;
    this.inner.replaceChildren(...nodes);
    if (this.active >= 0 && kept.has(this.active))
      this.list.setAttribute('aria-activedescendant', `row-${this.active}`);
    else this.list.removeAttribute('aria-activedescendant');
  }

  rowNode(at) {
    const user = this.rows[this.chosen[at]];
    const node = element('div', `row ${user[ACTION]}`);
    node.id = `row-${at}`;
    node.dataset.at = String(at);
    node.setAttribute('role', 'option');
    node.setAttribute('aria-posinset', String(at + 1));
    node.setAttribute('aria-setsize', String(this.chosen.length));
    const head = element('div', 'head');
    const place = [user[ORG], user[ROLES] === null ? null : shown(user[ROLES])].filter(
      (text) => text !== null,
    );
    head.append(
      element('span', `badge ${user[ACTION]}`, user[ACTION]),
      element('span', 'name', user[USER_NAME]),
      element('span', 'place', place.join(' · ')),
    );
    node.append(head, ...this.lineNodes(user));
    return node;
  }

  lineNodes(user) {
    const lines = this.linesOf(user);
    if (lines === 0) return [];
    const action = user[ACTION];
    if (action === 'create') return [element('div', 'line', createText(user))];
    if (action !== 'update' && action !== 'reactivate') return [element('div', 'line', this.reasonOf(user))];
    const nodes = user[CHANGES].map((change) => this.changeNode(change));
    for (const name of user[WITHHELD])
      nodes.push(element('div', 'line', `${name}: changed, its values are sensitive`));
    if (nodes.length === 0) return [element('div', 'line', this.reasonOf(user))];
    if (nodes.length <= MOST_LINES + 1) return nodes;
    const more = element('div', 'line', `and ${nodes.length - MOST_LINES} more`);
    return [...nodes.slice(0, MOST_LINES), more];
  }

  changeNode([name, from, to]) {
    const line = element('div', 'line change');
    line.append(
      element('span', 'attribute', name),
      element('span', 'old', shown(from)),
      element('span', 'arrow', '→'),
      element('span', 'new', shown(to)),
      element('span', 'source', this.sources[name] ?? ''),
    );
    return line;
  }

  moveTo(at) {
    if (this.chosen.length === 0) return;
    this.active = Math.max(0, Math.min(this.chosen.length - 1, at));
    const { ratio } = this;
    const view = this.list.clientHeight;
    const [top, bottom] = [this.tops[this.active], this.tops[this.active + 1]];
    const first = this.list.scrollTop * ratio;
    if (top < first) this.list.scrollTop = top / ratio;
    else if (bottom > first + view) this.list.scrollTop = Math.ceil((bottom - view) / ratio);
    this.render();
  }

  onKey(event) {
    const page = Math.max(
      1,
      this.at(this.list.scrollTop * this.ratio + this.list.clientHeight) -
        this.at(this.list.scrollTop * this.ratio) -
        1,
    );
    const moves = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
      Home: -this.chosen.length,
      End: this.chosen.length,
    };
    const move = moves[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (move !== undefined) this.moveTo(this.active + move);
    else if (event.key === 'Enter' && this.active >= 0) this.open(this.chosen[this.active]);
    else return;
    event.preventDefault();
  }

  /** On paper the rows stand one below the other. Returns how many do not fit. */
  print() {
    this.printing = true;
    this.list.classList.add('printed');
    this.inner.style.height = '';
    const number = Math.min(this.chosen.length, MOST_PRINTED);
    this.inner.replaceChildren(...Array.from({ length: number }, (_, at) => this.rowNode(at)));
    return this.chosen.length - number;
  }

  unprint() {
    this.printing = false;
    this.list.classList.remove('printed');
    this.nodes.clear();
    this.render();
  }
}

function changes(user, attribute) {
  return user[CHANGES].some(([name]) => name === attribute) || user[WITHHELD].includes(attribute);
}

/** What a new user gets besides what stands in his head line. */
function createText(user) {
  const known = new Set(['userName', 'active', 'org', 'roles', 'externalId']);
  const given = user[CHANGES].filter(
    ([name, , to]) => !known.has(name) && !(name === 'email' && to === user[USER_NAME]),
  );
  const texts = given.map(([name, , to]) => `${name} ${shown(to)}`);
  return texts.length === 0 ? 'nothing but the name' : texts.join(', ');
}
