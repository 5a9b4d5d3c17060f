/** The one way to the API: identical requests are merged, answers kept, errors are values. */

import type { operations } from "./schema";

export const BASE = "/api/v1";
const KEPT = 50;
const OPENING = /^\/api\/v1\/(signin|shares\/[^/]+\/open)\b/;

export type Params = [name: string, value: string][];

/** A GET. `path` is below the API's base. */
export interface Request {
  path: string;
  params: Params;
}

export interface ApiError {
  /** The HTTP status; 0 where there was no answer. */
  code: number;
  message: string;
  field: string;
  requestId: string;
  /** Seconds to wait before trying again; 0 where waiting does not help. */
  retryAfterS: number;
}

export type Result<T> = { ok: true; data: T } | { ok: false; error: ApiError };

type Json<R> = R extends { content: { "application/json": infer B } } ? B : never;
/** The body of an operation's successful answer. */
export type Answer<Name extends keyof operations> = operations[Name] extends { responses: infer R }
  ? R extends { 200: infer A } ? Json<A> : R extends { 201: infer A } ? Json<A> : R extends { 202: infer A } ? Json<A> : never
  : never;

interface Kept {
  etag: string;
  body: unknown;
  at: number;
}

interface Flight {
  answer: Promise<Result<unknown>>;
  controller: AbortController;
  waiting: number;
}

export class Client {
  private readonly kept = new Map<string, Kept>();
  private readonly flights = new Map<string, Flight>();
  /** For requests that change something; from `GET /me`. */
  csrf = "";
  /** Of a share link, instead of a sign-in's cookie. */
  token = "";
  /** Called when the server no longer knows who asks. */
  onunknown = () => {};

  constructor(private readonly send: typeof fetch = (...given) => fetch(...given), private readonly clock = () => Date.now()) {}

  /** What is known of a request without asking. */
  peek<T>(request: Request): { data: T; ageMs: number } | null {
    const found = this.kept.get(urlOf(request));
    return found ? { data: found.body as T, ageMs: this.clock() - found.at } : null;
  }

  /** The answer of a GET. Null if `signal` was aborted first. */
  async get<T>(request: Request, signal?: AbortSignal): Promise<Result<T> | null> {
    if (signal?.aborted) return null;
    const url = urlOf(request);
    let flight = this.flights.get(url);
    if (!flight) {
      const controller = new AbortController();
      const started: Flight = { answer: this.fetch(url, controller.signal), controller, waiting: 0 };
      const landed = () => {
        if (this.flights.get(url) === started) this.flights.delete(url);
      };
      started.answer.then(landed, landed);
      this.flights.set(url, (flight = started));
    }
    flight.waiting++;
    const aborted = abortOf(signal);
    const found = await Promise.race([flight.answer, aborted.promise]);
    aborted.forget();
    flight.waiting--;
    if (found === null && flight.waiting === 0) {
      flight.controller.abort();
      if (this.flights.get(url) === flight) this.flights.delete(url);
    }
    return found as Result<T> | null;
  }

  /** A GET whose answer is saved as a file, in the form that `accept` names. */
  async file(request: Request, accept: string): Promise<Result<Blob>> {
    try {
      const response = await this.send(urlOf(request), { headers: { Accept: accept, ...this.bearer() }, credentials: "same-origin" });
      if (response.ok) return { ok: true, data: await response.blob() };
      return failed(errorOf(response, await response.json().catch(() => undefined)));
    } catch {
      return failed({ code: 0 });
    }
  }

  /** A request that changes something. `body` is sent as JSON. */
  async write<T>(method: "POST" | "PUT" | "PATCH" | "DELETE", path: string, body?: unknown): Promise<Result<T>> {
    this.kept.clear();
    const headers: Record<string, string> = {};
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (this.csrf) headers["X-Footfall-CSRF"] = this.csrf;
    const given: RequestInit = { method, headers, credentials: "same-origin" };
    if (body !== undefined) given.body = JSON.stringify(body);
    const [result] = await this.exchange(BASE + path, given);
    return result as Result<T>;
  }

  private bearer(): Record<string, string> {
    return this.token ? { Authorization: `Bearer ${this.token}` } : {};
  }

  forget(): void {
    this.kept.clear();
  }

  private async fetch(url: string, signal: AbortSignal): Promise<Result<unknown>> {
    const before = this.kept.get(url);
    const headers: Record<string, string> = { ...(before?.etag ? { "If-None-Match": before.etag } : {}), ...this.bearer() };
    const [result, etag, isSame] = await this.exchange(url, { headers, signal, credentials: "same-origin" });
    if (isSame && before) {
      this.keep(url, { ...before, at: this.clock() });
      return { ok: true, data: before.body };
    }
    if (result.ok) this.keep(url, { etag, body: result.data, at: this.clock() });
    return result;
  }

  private keep(url: string, answer: Kept): void {
    this.kept.delete(url);
    this.kept.set(url, answer);
    while (this.kept.size > KEPT) this.kept.delete(this.kept.keys().next().value!);
  }

  private async exchange(url: string, given: RequestInit): Promise<[Result<unknown>, string, boolean]> {
    let response: Response;
    try {
      response = await this.send(url, given);
    } catch {
      return [failed({ code: 0 }), "", false];
    }
    if (response.status === 304) return [{ ok: true, data: null }, "", true];
    const body: unknown = await response.json().catch(() => undefined);
    if (response.ok && (body !== undefined || response.status === 204)) {
      return [{ ok: true, data: body }, response.headers.get("ETag") ?? "", false];
    }
    // where one signs in or opens a link, a 401 means a wrong password
    if (response.status === 401 && !OPENING.test(url)) this.onunknown();
    return [failed(errorOf(response, body)), "", false];
  }
}

export function urlOf({ path, params }: Request): string {
  return BASE + path + (params.length ? `?${new URLSearchParams(params)}` : "");
}

function failed(error: Partial<ApiError>): Result<never> {
  return { ok: false, error: { code: 0, message: "", field: "", requestId: "", retryAfterS: 0, ...error } };
}

function errorOf(response: Response, body: unknown): Partial<ApiError> {
  const given = (typeof body === "object" && body ? body : {}) as Record<string, unknown>;
  const detail = (typeof given.error === "object" && given.error ? given.error : {}) as Record<string, unknown>;
  const wait = Number(response.headers.get("Retry-After"));
  return {
    code: response.status,
    message: String(detail.message ?? given.message ?? ""),
    field: String(detail.field ?? ""),
    requestId: String(given.requestId ?? response.headers.get("X-Request-Id") ?? ""),
    retryAfterS: [429, 503].includes(response.status) ? Math.min(600, Math.max(1, wait || 5)) : 0,
  };
}

/** A promise of null when the signal is aborted. */
function abortOf(signal: AbortSignal | undefined): { promise: Promise<null>; forget: () => void } {
  let forget = () => {};
  const promise = new Promise<null>((resolve) => {
    const aborted = () => resolve(null);
    signal?.addEventListener("abort", aborted);
    forget = () => signal?.removeEventListener("abort", aborted);
  });
  return { promise, forget };
}

export const client = new Client();
