/** What the scripts may return, and what it means; anything else is the user's failure. */

import { JavaSet } from './java-sets.ts';

/** A script's answer breaks the contract; the message completes "activescript.js …". */
export class ContractBreach extends Error {}

const MAX_NAME_CHARS = 1_000;
const MAX_ROLES = 1_000;
/** Of all roles of one user together: many users' answers are held at once outside. */
const MAX_ROLES_CHARS = 64_000;

/** Control characters, separators of lines, and halves of characters: they break logs and services, and nobody means them. */
const FORBIDDEN = /[\p{Cc}\p{Cs}\u2028\u2029]/u;

/** Active: `true` or `false`, nothing that merely looks like it. */
export function activeOf(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new ContractBreach(`returned ${describe(value)}: it must return true or false`);
}

/** Org: a name, or `null` (also nothing, or a blank name) to leave the organization to the console's mapping. */
export function orgOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  const text = textOf(value);
  if (text === null) throw new ContractBreach(`returned ${describe(value)}: it must return a name or null`);
  return nameOf(text);
}

/**
 * Role: one name, a list of names, or `null` (also nothing, a blank name, an empty list) to leave the roles to the
 * organization's defaults. Blank names and repeated ones, in any case, are dropped.
 */
export function rolesOf(value: unknown): string[] | null {
  if (value === null || value === undefined) return null;
  const text = textOf(value);
  if (text !== null) {
    const name = nameOf(text);
    return name === null ? null : [name];
  }
  const seen = new Set<string>();
  const roles: string[] = [];
  let chars = 0;
  for (const element of elementsOf(value)) {
    if (element === null || element === undefined) continue;
    const role = textOf(element);
    if (role === null) {
      throw new ContractBreach(`returned a list with ${describe(element)}: roles are names`);
    }
    const name = nameOf(role);
    if (name === null || seen.has(name.toLowerCase())) continue;
    seen.add(name.toLowerCase());
    roles.push(name);
    chars += name.length;
    if (chars > MAX_ROLES_CHARS) {
      throw new ContractBreach(`returned roles of more than ${MAX_ROLES_CHARS} characters together`);
    }
  }
  return roles.length === 0 ? null : roles;
}

function elementsOf(value: unknown): unknown[] {
  if (Array.isArray(value)) {
    const { length } = value;
    if (length > MAX_ROLES) throw tooMany(length);
    // Each element is read once: what a getter says the second time is not looked at.
    return Array.from({ length }, (_, i) => value[i] as unknown);
  }
  if (value instanceof JavaSet || value instanceof Set) {
    const size = value instanceof Set ? value.size : value.size();
    if (size > MAX_ROLES) throw tooMany(size);
    return [...value];
  }
  throw new ContractBreach(`returned ${describe(value)}: it must return a name, a list of names or null`);
}

function tooMany(count: number): ContractBreach {
  return new ContractBreach(`returned ${count} roles: ${MAX_ROLES} are the most`);
}

function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return null;
  try {
    return String.prototype.valueOf.call(value);
  } catch {
    return null;
  }
}

function nameOf(text: string): string | null {
  if (text.length > MAX_NAME_CHARS) {
    throw new ContractBreach(`returned a name of ${text.length} characters: ${MAX_NAME_CHARS} are the most`);
  }
  const trimmed = text.trim();
  const forbidden = FORBIDDEN.exec(trimmed)?.[0];
  if (forbidden !== undefined) {
    const code = forbidden.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
    throw new ContractBreach(`returned a name with the control character U+${code}: names are plain text`);
  }
  return trimmed === '' ? null : trimmed;
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return value === null ? 'null' : 'nothing';
  if (typeof value === 'string') return `the text "${value.length > 40 ? `${value.slice(0, 40)}…` : value}"`;
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'function'
    ? 'a function'
    : typeof value === 'object'
      ? 'an object'
      : `a ${typeof value}`;
}
