/** What the demo service has been asked, counted and recorded; and how much it lets itself be asked. */

export interface ServiceRequests {
  readonly total: number;
  /** Everything but GET: what a dry run must leave at 0. */
  readonly writes: number;
  readonly byMethod: Readonly<Record<string, number>>;
  /** Keys such as `POST /Users`, `GET /Users?filter` and `PATCH /Users/{id}`. */
  readonly byKind: Readonly<Record<string, number>>;
  /** Keys are HTTP status codes; requests that were never answered are in none. */
  readonly byStatus: Readonly<Record<string, number>>;
}

export interface RecordedRequest {
  readonly method: string;
  /** Below the base URL, with the query. */
  readonly path: string;
  readonly body: string;
  /** `null` while, or because, there was no answer. */
  readonly status: number | null;
}

export class RequestLog {
  readonly #limit: number;
  readonly #byMethod = new Map<string, number>();
  readonly #byKind = new Map<string, number>();
  readonly #byStatus = new Map<string, number>();
  #records: { method: string; path: string; body: string; status: number | null }[] = [];
  #total = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get total(): number {
    return this.#total;
  }

  /** Counts a request that has come; the function it returns is to be called with the status of the answer. */
  begin(method: string, path: string, search: string, body: string): (status: number) => void {
    this.#total++;
    count(this.#byMethod, method);
    count(this.#byKind, `${method} ${pathKind(path, search)}`);
    const record = { method, path: path + search, body, status: null as number | null };
    if (this.#limit > 0) this.#records.push(record);
    // Cutting at twice the limit, not at each request, keeps a benchmark's server fast.
    if (this.#records.length > 2 * this.#limit) this.#records = this.#records.slice(-this.#limit);
    return (status) => {
      record.status = status;
      count(this.#byStatus, String(status));
    };
  }

  counts(): ServiceRequests {
    const byMethod = Object.fromEntries(this.#byMethod);
    return {
      total: this.#total,
      writes: this.#total - (byMethod['GET'] ?? 0),
      byMethod,
      byKind: Object.fromEntries(this.#byKind),
      byStatus: Object.fromEntries(this.#byStatus),
    };
  }

  recorded(): readonly RecordedRequest[] {
    return this.#records.slice(-this.#limit);
  }

  reset(): void {
    this.#total = 0;
    this.#records = [];
    for (const counts of [this.#byMethod, this.#byKind, this.#byStatus]) counts.clear();
  }
}

function pathKind(path: string, search: string): string {
  if (/^\/Users\/[^/]+$/.test(path)) return '/Users/{id}';
  return /[?&]filter=/.test(search) ? `${path}?filter` : path;
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Lets `perMinute` requests pass in a minute, evenly, and `burst` of them at once. */
export class TokenBucket {
  readonly #perMs: number;
  readonly #burst: number;
  #tokens: number;
  #at = performance.now();

  constructor(limit: { readonly perMinute: number; readonly burst?: number }) {
    this.#perMs = limit.perMinute / 60_000;
    this.#burst = Math.max(limit.burst ?? limit.perMinute / 60, 1);
    this.#tokens = this.#burst;
  }

  /** 0 lets the request pass; otherwise the whole seconds after which to come again. */
  take(): number {
    const now = performance.now();
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#at) * this.#perMs);
    this.#at = now;
    if (this.#tokens >= 1) {
      this.#tokens--;
      return 0;
    }
    return Math.max(1, Math.ceil((1 - this.#tokens) / this.#perMs / 1000));
  }
}
