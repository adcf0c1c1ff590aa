/** One entry of the demo directory, with the comparable form of its values at hand for filters. */

import type { Filterable } from './ldap-filter.ts';
import { comparable, syntaxOf, type DemoValue } from './ldap-syntax.ts';

interface StoredAttribute {
  readonly name: string;
  readonly values: readonly DemoValue[];
}

/** One entry. `attributes` is keyed by the name in lower case and holds no empty lists. */
export class DemoEntry implements Filterable {
  dn: string;
  key: string;
  readonly attributes = new Map<string, StoredAttribute>();
  readonly #comparable = new Map<string, readonly (string | null)[]>();

  constructor(dn: string, key: string) {
    this.dn = dn;
    this.key = key;
  }

  values(name: string): readonly DemoValue[] {
    return this.attributes.get(name.toLowerCase())?.values ?? [];
  }

  /** The first value as text; `null` where there is none. */
  text(name: string): string | null {
    const value = this.values(name)[0];
    return value === undefined ? null : value.toString();
  }

  set(name: string, values: readonly DemoValue[]): void {
    const lower = name.toLowerCase();
    this.#comparable.delete(lower);
    if (values.length === 0) this.attributes.delete(lower);
    else this.attributes.set(lower, { name: this.attributes.get(lower)?.name ?? name, values });
  }

  comparableValues(attribute: string): readonly (string | null)[] {
    const known = this.#comparable.get(attribute);
    if (known !== undefined) return known;
    const syntax = syntaxOf(attribute);
    const values = (this.attributes.get(attribute)?.values ?? []).map((value) => comparable(value, syntax));
    this.#comparable.set(attribute, values);
    return values;
  }
}
