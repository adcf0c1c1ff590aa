/** The Java classes that scripts may use, and the ways to them: `Java.type`, `java.util.X`, `JavaImporter`, `importPackage`. */

import { Calendar } from './java-calendar.ts';
import { COLLECTION_CLASSES } from './java-collections.ts';
import { JavaDate, SimpleDateFormat } from './java-dates.ts';
import { EXCEPTION_CLASSES } from './java-exceptions.ts';
import { JavaSubList, JavaValues } from './java-list-views.ts';
import { JavaFixedList, JavaList, valuesOf } from './java-lists.ts';
import { numberClasses } from './java-numbers.ts';
import { Matcher, Pattern } from './java-regex.ts';
import { StringBuilder, StringTokenizer } from './java-builders.ts';
import { JavaLocale } from './java-locales.ts';
import { JavaString } from './java-text.ts';
import { JavaSetView } from './java-sets.ts';
import { TimeZone } from './java-zones.ts';

/** Classes that no name leads to, but the results of methods. */
export const RESULT_CLASSES: readonly unknown[] = [JavaFixedList, JavaSetView, JavaSubList, JavaValues];

/** The one file of the original's engine that `load` may name: it brings `importPackage` and `importClass`. */
export const COMPATIBILITY_FILE = 'nashorn:mozilla_compat.js';

/**
 * All classes by name.
 * @param print what `System.out` writes with
 */
export function javaClasses(print: (...values: unknown[]) => void): Readonly<Record<string, unknown>> {
  return {
    ...COLLECTION_CLASSES,
    ...EXCEPTION_CLASSES,
    ...numberClasses(print),
    'java.lang.String': JavaString,
    'java.lang.StringBuilder': StringBuilder,
    'java.lang.StringBuffer': StringBuilder,
    'java.util.StringTokenizer': StringTokenizer,
    'java.text.SimpleDateFormat': SimpleDateFormat,
    'java.util.Date': JavaDate,
    'java.util.Calendar': Calendar,
    'java.util.GregorianCalendar': Calendar,
    'java.util.TimeZone': TimeZone,
    'java.util.Locale': JavaLocale,
    'java.util.regex.Pattern': Pattern,
    'java.util.regex.Matcher': Matcher,
  };
}

/** Classes whose simple names the original's JavaScript had itself. */
const STANDARD_NAMES: ReadonlySet<string> = new Set(['Boolean', 'Date', 'Math', 'String']);

/** A package: its classes and the packages in it. */
interface JavaPackage {
  [name: string]: unknown;
}

/** The globals through which scripts reach the classes. What is not among them was refused when the script was read. */
export function javaGlobals(print: (...values: unknown[]) => void): Readonly<Record<string, unknown>> {
  const classes = javaClasses(print);
  const java: JavaPackage = {};
  const packages = new Map<unknown, JavaPackage>();
  for (const [name, value] of Object.entries(classes)) {
    const path = name.split('.').slice(1);
    const simple = path.pop() ?? '';
    let area = java;
    for (const part of path) area = (area[part] ??= {}) as JavaPackage;
    area[simple] = value;
    packages.set(area, area);
  }
  /** The classes of a package, or a class alone, by their simple names. */
  const namesIn = (from: unknown): [string, unknown][] => {
    const area = packages.get(from);
    if (area !== undefined) return Object.entries(area);
    const found = Object.entries(classes).find(([, value]) => value === from);
    return found === undefined ? [] : [[found[0].split('.').at(-1) ?? '', from]];
  };
  const Java = {
    type(name: unknown): unknown {
      if (Object.hasOwn(classes, String(name))) return classes[String(name)];
      throw new TypeError(`Java.type('${String(name)}') cannot be used`);
    },
    from: (values: unknown): unknown[] => [...valuesOf(values)],
    to: (values: unknown): unknown[] => new JavaList(valuesOf(values)),
  };
  const importNames = (sources: readonly unknown[]): void => {
    for (const [name, value] of sources.flatMap(namesIn)) {
      // As in the original's engine, what JavaScript has itself goes before what a package has.
      if (name in globalThis) continue;
      Object.defineProperty(globalThis, name, {
        value,
        writable: true,
        enumerable: true,
        configurable: true,
      });
    }
  };
  return {
    Java,
    java,
    Packages: { java },
    JavaImporter: function JavaImporter(...sources: unknown[]): object {
      const names = sources.flatMap(namesIn);
      const hidden = names
        .filter(([name]) => STANDARD_NAMES.has(name))
        .map(([name]) => [name, true] as const);
      // `imports.Date` is Java's; in `with (imports)` JavaScript's own names come first.
      return { ...Object.fromEntries(names), [Symbol.unscopables]: Object.fromEntries(hidden) };
    },
    importPackage: (...sources: unknown[]) => importNames(sources),
    importClass: (...sources: unknown[]) => importNames(sources),
    load(file: unknown): void {
      if (file !== COMPATIBILITY_FILE) throw new TypeError('load cannot be used');
    },
  };
}
