/**
 * What scripts can use, for editors that complete as you type (Visual Studio Code and others).
 *
 * Put this file into the folder of your scripts and begin each script with these two lines:
 *
 *   /// <reference path="./c42uds.d.ts" />
 *   // @ts-check
 *
 * and write above your function:   /** @param {Entry} entry *\/
 */

/** A text as the scripts see it: JavaScript's methods, and those of Java that the original's scripts used. */
interface String {
  equals(other: any): boolean;
  equalsIgnoreCase(other: any): boolean;
  compareTo(other: string): number;
  compareToIgnoreCase(other: string): number;
  contains(part: string): boolean;
  contentEquals(other: any): boolean;
  isEmpty(): boolean;
  /** Whether the whole text fits the Java pattern. */
  matches(pattern: string): boolean;
  /** Replaces every match of a Java pattern. */
  replaceAll(pattern: string | RegExp, replacement: string): string;
  replaceFirst(pattern: string, replacement: string): string;
  hashCode(): number;
  /** 1: a single value is also a list of one. */
  size(): number;
  get(index: number): string;
  iterator(): JavaIterator<string>;
  forEach(action: (value: string) => void): void;
  some(test: (value: string) => unknown): boolean;
  every(test: (value: string) => unknown): boolean;
  filter(test: (value: string) => unknown): string[];
  map<U>(change: (value: string) => U): U[];
}

/** A list: JavaScript's methods, and those of java.util.List. */
interface Array<T> {
  size(): number;
  isEmpty(): boolean;
  get(index: number): T;
  set(index: number, value: T): T;
  contains(value: any): boolean;
  containsAll(values: Iterable<any>): boolean;
  add(value: T): boolean;
  add(index: number, value: T): boolean;
  addAll(values: Iterable<T>): boolean;
  remove(what: any): any;
  removeAll(values: Iterable<any>): boolean;
  retainAll(values: Iterable<any>): boolean;
  removeIf(test: (value: T) => boolean): boolean;
  subList(from: number, to: number): T[];
  clear(): void;
  iterator(): JavaIterator<T>;
  toArray(): T[];
}

interface JavaIterator<T> {
  hasNext(): boolean;
  next(): T;
}

/**
 * One user of the directory: the LDAP attributes by their names, in any case. An attribute that the user does not have
 * is null. One value is a text, several are a list; `entry.list("memberOf")` is a list in every case.
 */
interface Entry {
  /** Where the user is: "CN=Alice,OU=Users,DC=example,DC=com". */
  dn: string;
  distinguishedName: string;
  /** The user's name. */
  cn: string;
  givenName: string;
  sn: string;
  displayName: string;
  sAMAccountName: string;
  userPrincipalName: string;
  uid: string;
  /** E-mail address. */
  mail: string;
  /** Department, for example "Sales". */
  department: string;
  departmentNumber: string;
  division: string;
  company: string;
  title: string;
  employeeID: string;
  employeeNumber: string;
  employeeType: string;
  /** DN of the manager. */
  manager: string;
  /** City, for example "Berlin". */
  l: string;
  /** State or province. */
  st: string;
  /** Country code of two letters, for example "DE". */
  c: string;
  co: string;
  physicalDeliveryOfficeName: string;
  /** Whether the account has been disabled by an administrator; null where the directory says nothing of it. */
  disabled: boolean | null;
  /** Whether the account's expiry date has passed; null where the directory says nothing of it. */
  expired: boolean | null;
  /** When the account expires; null for never. */
  expires: Date | null;
  /**
   * Whether the account was locked after wrong passwords. Such a lock comes by chance and goes by itself, which leaves no
   * trace: it is no reason to take an account away.
   */
  lockedOut: boolean | null;
  /** When the password was last changed; null where it was never, or is to be changed at once. */
  passwordLastSet: Date | null;
  /** Active Directory: flags of the account as a number in a text. The bit 2 means disabled: see `disabled`. */
  userAccountControl: string;
  /** Active Directory: when the account expires, in steps of 100 nanoseconds since 1601; "0" means never: see `expires`. */
  accountExpires: string;
  /** Active Directory: "20240131120000.0Z". */
  whenCreated: string;
  whenChanged: string;
  /** Read it by entry.list("memberOf"): with one group it is a text, with several a list. */
  memberOf: string | string[];
  /** The groups of groups, too: read it by entry.list("memberOfAll"). There only for scripts that name it. */
  memberOfAll: string | string[];
  proxyAddresses: string | string[];
  objectClass: string[];

  /** All values of an attribute as a list: empty where the user does not have it. */
  list(attribute: string): string[];
  /** The value of an attribute; null where the user does not have it. */
  get(attribute: string): any;
  getOrDefault(attribute: string, otherwise: any): any;
  /** Whether the user has the attribute. */
  containsKey(attribute: string): boolean;
  keySet(): Iterable<string> & {
    iterator(): JavaIterator<string>;
    size(): number;
    contains(name: string): boolean;
  };
  /** Any other attribute. */
  [attribute: string]: any;
}

/** Writes to the log (seen with --debug). */
declare function print(...values: any[]): void;

/** The way to Java's classes: Java.type("java.util.HashMap"). */
declare const Java: {
  type(name: string): any;
  from(values: any): any[];
  to(values: any): any[];
};

declare const java: any;
declare const Packages: any;
declare function importPackage(...packages: any[]): void;
declare function importClass(...classes: any[]): void;
declare function load(file: 'nashorn:mozilla_compat.js'): void;
