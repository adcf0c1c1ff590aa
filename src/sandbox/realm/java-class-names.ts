/** The Java classes that scripts may use, by name; their equivalents are in `java-classes.ts`. */

export const JAVA_CLASS_NAMES = [
  'java.util.ArrayList',
  'java.util.LinkedList',
  'java.util.Arrays',
  'java.util.HashSet',
  'java.util.LinkedHashSet',
  'java.util.HashMap',
  'java.util.LinkedHashMap',
  'java.util.Date',
  'java.lang.String',
] as const;

export type JavaClassName = (typeof JAVA_CLASS_NAMES)[number];
