/** Java's exceptions, as far as scripts throw, catch or see them. */

import { addProperties } from './java-properties.ts';

/** `java.lang.Throwable` over a JavaScript error, so that it has a stack with the script's line. */
export class JavaThrowable extends Error {
  static readonly javaName: string = 'java.lang.Throwable';

  constructor(message?: unknown, cause?: unknown) {
    super(message === undefined || message === null ? '' : `${message as string}`);
    Object.defineProperty(this, 'javaCause', { value: cause ?? null });
  }
  getMessage(): string | null {
    return this.message === '' ? null : this.message;
  }
  getLocalizedMessage(): string | null {
    return this.getMessage();
  }
  getCause(): unknown {
    return (this as { javaCause?: unknown }).javaCause ?? null;
  }
  printStackTrace(): void {}
  getClass(): object {
    return javaClass((this.constructor as typeof JavaThrowable).javaName);
  }
  override toString(): string {
    const { javaName } = this.constructor as typeof JavaThrowable;
    return this.message === '' ? javaName : `${javaName}: ${this.message}`;
  }
}

/** What `getClass()` gives: enough to tell classes apart by name. */
export function javaClass(name: string): object {
  const simpleName = name.slice(name.lastIndexOf('.') + 1);
  return {
    name,
    simpleName,
    getName: () => name,
    getSimpleName: () => simpleName,
    toString: () => `class ${name}`,
  };
}

addProperties(JavaThrowable.prototype, ['cause', 'localizedMessage', 'class']);

function exception<T extends typeof JavaThrowable>(javaName: string, parent: T): T {
  // The name is what an inspector of the class sees; scripts see `javaName`.
  const made = class extends (parent as typeof JavaThrowable) {
    static override readonly javaName = javaName;
  };
  return made as unknown as T;
}

const JavaException = exception('java.lang.Exception', JavaThrowable);
const RuntimeException = exception('java.lang.RuntimeException', JavaException);
export const IllegalArgument = exception('java.lang.IllegalArgumentException', RuntimeException);
export const NumberFormat = exception('java.lang.NumberFormatException', IllegalArgument);
export const NullPointer = exception('java.lang.NullPointerException', RuntimeException);
export const IllegalState = exception('java.lang.IllegalStateException', RuntimeException);
export const Unsupported = exception('java.lang.UnsupportedOperationException', RuntimeException);
export const ClassCast = exception('java.lang.ClassCastException', RuntimeException);
export const IndexOutOfBounds = exception('java.lang.IndexOutOfBoundsException', RuntimeException);
export const NoSuchElement = exception('java.util.NoSuchElementException', RuntimeException);
export const PatternSyntax = exception('java.util.regex.PatternSyntaxException', IllegalArgument);
export const ParseException = exception('java.text.ParseException', JavaException);

export const EXCEPTION_CLASSES: Readonly<Record<string, unknown>> = Object.fromEntries(
  [
    JavaThrowable,
    JavaException,
    RuntimeException,
    IllegalArgument,
    NumberFormat,
    NullPointer,
    IllegalState,
    Unsupported,
    ClassCast,
    IndexOutOfBounds,
    NoSuchElement,
    PatternSyntax,
    ParseException,
  ].map((one) => [one.javaName, one]),
);
