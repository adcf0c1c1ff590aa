/** What is in the page's data, and how values read. Values are only ever shown as text, never as markup. */

const dataOf = (id) => JSON.parse(document.getElementById(id).textContent);

/** The members of a user's row, in the order in which the report writes them. */
const ACTION = 0;
const STATUS = 1;
const USER_NAME = 2;
const ACTIVE = 3;
const ORG = 4;
const ROLES = 5;
const REASON = 6;
const CHANGES = 7;
const WITHHELD = 8;
const DN = 9;
const IDENTITY = 10;
const SCIM_ID = 11;

/** In the order in which people should look at them. */
const ACTIONS = [
  { name: 'failed', title: 'Failed', done: 'Failed' },
  { name: 'deactivate', title: 'To deactivate', done: 'Deactivated' },
  { name: 'create', title: 'To create', done: 'Created' },
  { name: 'reactivate', title: 'To reactivate', done: 'Reactivated' },
  { name: 'update', title: 'To update', done: 'Updated' },
  { name: 'resend', title: 'To send again', done: 'Sent again' },
  { name: 'unchanged', title: 'Unchanged', done: 'Unchanged' },
  { name: 'skip', title: 'Skipped', done: 'Skipped' },
];
const ORDER = new Map(ACTIONS.map(({ name }, at) => [name, at]));

const grouped = new Intl.NumberFormat('en-US');
const count = (number) => grouped.format(number);
const users = (number) => `${count(number)} ${number === 1 ? 'user' : 'users'}`;

function duration(ms) {
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

/** `2026-03-01 04:17 UTC` */
const moment = (iso) => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;

function shown(value) {
  if (value === null) return '–';
  if (value === '') return '""';
  if (Array.isArray(value)) return value.length === 0 ? '(none)' : value.join(', ');
  return String(value);
}

/** An element with classes and text; children may follow. */
function element(name, classes, text) {
  const made = document.createElement(name);
  if (classes) made.className = classes;
  if (text !== undefined) made.textContent = text;
  return made;
}

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
