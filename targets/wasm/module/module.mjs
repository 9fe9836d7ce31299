// @NAME@: a language model compiled by Ingot. An ES module for browsers and Node 18, without a
// bundler:
//
//     import { load } from './@NAME@.mjs';
//     const model = await load({ onProgress: ({ loaded, total }) => ... });
//     for await (const piece of model.generate('Once upon a time', { maxTokens: 64 }))
//       show(piece);
//
// load([source,] options) fetches and starts the module. What it answers can generate, cancel,
// tokenize, detokenize and tokenizeChat. Whatever fails rejects (or throws) with an IngotError,
// whose `code` is one of those below. The page stays responsive between tokens; in a worker it
// always does.

/** What can go wrong, as IngotError.code: the statuses of ingot.h, and what loading adds. */
const CODES = {
  1: 'invalid-argument',
  2: 'invalid-token',
  3: 'context-full',
  4: 'out-of-memory',
  8: 'weights-missing',
  9: 'weights-mismatch',
  12: 'cancelled',
  13: 'no-logits',
  14: 'no-tokenizer',
  15: 'no-chat-template',
  16: 'busy',
  18: 'invalid-chat',
  // 'fetch-failed': a file could not be had; 'bad-module': the bytes are no module, or none of
  // Ingot's; 'unsupported': this engine has no WebAssembly with 128-bit vectors
};

export class IngotError extends Error {
  constructor(code, message, options) {
    super(message, options);
    this.name = 'IngotError';
    this.code = code;
  }
}

const encoder = new TextEncoder();

const NO_SPECIAL = 1,
  NO_BOS = 2; // of INGOT_TOKENIZE_*
const SKIP_SPECIAL = 1,
  CONTINUE = 2; // of INGOT_DETOKENIZE_*
const ROLES = { system: 0, user: 1, assistant: 2 };
const STOPS = { 1: 'end', 2: 'length', 3: 'context' };

/** Tokens of a prompt that are fed between two looks at what else the page has to do. */
const SLICE = 32;
/** Milliseconds of work after which others have their turn. */
const PATIENCE = 12;

// ---- Getting bytes ------------------------------------------------------------------------------

const isFile = (url) => url.protocol === 'file:';

/**
 * The bytes of `source` as a response: a URL, a string, a Response, or bytes that are here already.
 */
async function open(source, what) {
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) {
    const bytes =
      source instanceof ArrayBuffer
        ? new Uint8Array(source)
        : new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
    return { stream: [bytes], total: bytes.length };
  }
  try {
    if (typeof Response !== 'undefined' && source instanceof Response) return fromResponse(source);
    const base = globalThis.location?.href ?? import.meta.url;
    const url = new URL(source, base);
    if (!isFile(url)) return fromResponse(await fetch(url));
    const { open: openFile } = await import(
      /* webpackIgnore: true */ /* @vite-ignore */ 'node:fs/promises'
    );
    const file = await openFile(url);
    return {
      stream: file.createReadStream({ highWaterMark: 1 << 20 }),
      total: (await file.stat()).size,
    };
  } catch (error) {
    throw error instanceof IngotError
      ? error
      : new IngotError('fetch-failed', `cannot fetch the ${what} '${source}'`, { cause: error });
  }
}

function fromResponse(response) {
  if (!response.ok)
    throw new IngotError(
      'fetch-failed',
      `cannot fetch '${response.url}': status ${response.status}`,
    );
  // The length of what was sent says nothing of compressed bytes.
  const length = response.headers.get('content-encoding')
    ? 0
    : Number(response.headers.get('content-length'));
  return { stream: readChunks(response.body), total: length };
}

async function* readChunks(stream) {
  const reader = stream.getReader();
  try {
    for (let part; !(part = await reader.read()).done;) yield part.value;
  } finally {
    reader.cancel().catch(() => {});
  }
}

/**
 * Calls take(chunk, offset) for every part of `source`; reports on the way. Answers the number of
 * bytes.
 */
async function receive(source, what, report, take) {
  const { stream, total } = await open(source, what);
  let loaded = 0;
  report(what, 0, total);
  try {
    for await (const chunk of stream) {
      take(chunk, loaded);
      loaded += chunk.length;
      report(what, loaded, total);
    }
  } catch (error) {
    throw error instanceof IngotError
      ? error
      : new IngotError('fetch-failed', `the ${what} broke off after ${loaded} bytes`, {
          cause: error,
        });
  }
  return loaded;
}

async function receiveAll(source, what, report) {
  const parts = [];
  const bytes = await receive(source, what, report, (chunk) => parts.push(chunk));
  if (parts.length === 1) return parts[0];
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

// ---- Loading ------------------------------------------------------------------------------------

// (module (func (result v128) i32.const 0 i8x16.splat))
const SIMD_PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15,
  11,
]);

/**
 * Loads the model.
 *
 * source   where its module is: a URL or string, a Response, bytes, or a compiled
 *          WebAssembly.Module. Default: @NAME@.wasm beside this file.
 * options
 *   onProgress({what, loaded, total})  'module' or 'weights'; bytes so far and in all (0: unknown)
 *   weights   where the weights are, when the model was compiled with a sidecar. Default:
 *             @NAME@.weights beside this file
 *   context   positions to make room for. Default: the model's
 *   lookup    most tokens that generate() may draft by prompt lookup, 0 to 64. Default: 0
 *   textOnly  true: no weights and no room for a text; the model can tokenize and detokenize only
 */
export async function load(source, options) {
  if (
    source !== null &&
    typeof source === 'object' &&
    options === undefined &&
    Object.getPrototypeOf(source) === Object.prototype
  )
    [source, options] = [undefined, source];
  const { onProgress, weights, context = 0, lookup = 0, textOnly = false } = options ?? {};
  const report = (what, loaded, total) => onProgress?.({ what, loaded, total });
  if (typeof WebAssembly !== 'object' || !WebAssembly.validate(SIMD_PROBE))
    throw new IngotError('unsupported', 'this engine has no WebAssembly with 128-bit vectors');

  let compiled = source;
  if (!(source instanceof WebAssembly.Module)) {
    const bytes = await receiveAll(
      source ?? new URL('./@NAME@.wasm', import.meta.url),
      'module',
      report,
    );
    try {
      compiled = await WebAssembly.compile(bytes);
    } catch (error) {
      throw new IngotError('bad-module', `the module is not valid: ${error.message}`, {
        cause: error,
      });
    }
  }
  let exports;
  try {
    ({ exports } = await WebAssembly.instantiate(compiled, {}));
  } catch (error) {
    const memory = error instanceof RangeError;
    throw new IngotError(
      memory ? 'out-of-memory' : 'bad-module',
      `the module does not start: ${error.message}`,
      { cause: error },
    );
  }
  if (typeof exports.weights_embedded !== 'function')
    throw new IngotError('bad-module', "the module is none of Ingot's");
  if (textOnly) return new Model(exports, null);
  if (!exports.weights_embedded())
    await receiveWeights(exports, weights ?? new URL('./@NAME@.weights', import.meta.url), report);
  else if (weights !== undefined)
    throw new IngotError(
      'invalid-argument',
      "option 'weights' is given, but the weights are embedded",
    );
  return new Model(exports, { context, lookup });
}

/** Straight into the module's memory, so that they are there once. */
async function receiveWeights(exports, source, report) {
  const expected = exports.weights_bytes() >>> 0;
  const at = exports.weights_room() >>> 0;
  if (!at)
    throw new IngotError('out-of-memory', `there is no memory for ${expected} bytes of weights`);
  const mismatch = (found) =>
    new IngotError('weights-mismatch', `the weights are ${found} bytes long, expected ${expected}`);
  const room = new Uint8Array(exports.memory.buffer, at, expected);
  const bytes = await receive(
    source,
    'weights',
    (what, loaded) => report(what, loaded, expected),
    (chunk, offset) => {
      if (offset + chunk.length > expected) throw mismatch(`more than ${expected}`);
      room.set(chunk, offset);
    },
  );
  if (bytes !== expected) throw mismatch(bytes);
}

// ---- The model ----------------------------------------------------------------------------------

/** Lets events, timers and painting have their turn. */
const breathe =
  typeof setImmediate === 'function'
    ? () => new Promise((done) => setImmediate(done))
    : () =>
        new Promise((done) => {
          const channel = new MessageChannel();
          channel.port1.onmessage = () => {
            channel.port1.close();
            done();
          };
          channel.port2.postMessage(0);
        });

/** A model with one text. Made by load(). */
class Model {
  #wasm;
  #fed = []; // the tokens that the session holds
  #cancelled = false;
  #running = false;

  /**
   * How the last generate() went, or goes: {promptTokens, reusedTokens, tokens, stop, seconds,
   * firstTokenSeconds}.
   */
  result = null;

  /** `room`: {context, lookup}, or null: text only. */
  constructor(exports, room) {
    this.#wasm = exports;
    this.textOnly = room === null;
    const { context, lookup } = room ?? { context: 0, lookup: 0 };
    if (!this.textOnly)
      this.#check(
        exports.open(whole('context', context), whole('lookup', lookup)),
        'start the model',
      );
    this.name = this.#string(exports.name());
    this.banner = this.#string(exports.banner());
    this.level = this.#string(exports.level());
    this.version = exports.version();
    this.context = context || exports.max_context();
    this.vocabularySize = exports.vocabulary();
    this.hasTokenizer = exports.has_tokenizer() !== 0;
    this.hasChat = exports.has_chat() !== 0;
    this.lookup = lookup;
  }

  /**
   * The continuation of a prompt, piece by piece. An async iterator; leaving the loop ends it.
   *
   * prompt   a text; a list of {role: 'system' | 'user' | 'assistant', content}, which the model's
   *          chat template turns into one; or a list of token ids. What an earlier call has fed
   *          already is not fed again.
   * options
   *   maxTokens      Default: until an end token or the end of the context
   *   temperature    0 (default): always the most probable token
   *   topK, topP, minP, repeatPenalty, seed, lookup    as the options of `ingot run`; the seed may
   *                  be a BigInt
   *   chat           true: a text is one turn of the user
   *   signal         an AbortSignal, which cancels
   *   bytes          true: pieces are Uint8Array, exactly as the tokens say
   *   continues      false: the pieces are a text of their own, so a leading space of the first is
   *                  left out. Default: false for conversations, else true
   */
  async *generate(prompt, options = {}) {
    this.#begin();
    const decoder = options.bytes ? null : new TextDecoder('utf-8', { ignoreBOM: true });
    const onAbort = () => this.cancel();
    options.signal?.addEventListener('abort', onAbort);
    try {
      if (options.signal?.aborted) this.cancel();
      for await (const bytes of this.#pieces(prompt, options)) {
        const piece = decoder ? decoder.decode(bytes, { stream: true }) : bytes;
        if (piece.length) yield piece;
      }
      const rest = decoder ? decoder.decode() : '';
      if (rest.length) yield rest;
    } finally {
      options.signal?.removeEventListener('abort', onAbort);
      this.#running = false;
      this.#cancelled = false;
    }
  }

  /**
   * Ends the generation that runs: its loop is over after the token at work, and `result.stop` is
   * 'cancelled'.
   */
  cancel() {
    this.#cancelled = this.#running;
  }

  /**
   * The ids of a text. `special: false` reads added tokens as plain text; `bos: false` leaves out
   * the first token.
   */
  tokenize(text, { special = true, bos = true } = {}) {
    const bytes = this.#write(typeof text === 'string' ? encoder.encode(text) : text);
    return this.#readIds(
      this.#count(
        this.#wasm.tokenize(bytes, (special ? 0 : NO_SPECIAL) | (bos ? 0 : NO_BOS)),
        'tokenize',
      ),
    );
  }

  /** The text of ids, special tokens included; `bytes: true` for the exact bytes. */
  detokenize(ids, { bytes = false } = {}) {
    this.#writeIds(ids);
    const text = this.#readText(this.#count(this.#wasm.detokenize(ids.length), 'decode'));
    return bytes ? text : new TextDecoder('utf-8', { ignoreBOM: true }).decode(text);
  }

  /** The ids of a conversation in the model's chat template, up to the beginning of the answer. */
  tokenizeChat(messages, { answer = true } = {}) {
    const texts = messages.map(({ content }) => encoder.encode(content));
    const heads = messages.flatMap(({ role }, i) => {
      if (!Object.hasOwn(ROLES, role))
        throw new IngotError(
          'invalid-argument',
          `the role of message ${i} is '${role}', expected system, user or ` + 'assistant',
        );
      return [ROLES[role], texts[i].length];
    });
    const all = new Uint8Array(texts.reduce((sum, text) => sum + text.length, 0));
    texts.reduce((at, text) => (all.set(text, at), at + text.length), 0);
    this.#write(all);
    this.#writeIds(heads);
    return this.#readIds(
      this.#count(this.#wasm.chat(messages.length, answer ? 1 : 0), 'render the chat'),
    );
  }

  /** The bytes of a token as the vocabulary has it, and whether it is a control token. */
  token(id) {
    const bytes = this.#readText(this.#count(this.#wasm.token_text(id), 'look up a token'));
    return { bytes, special: this.#wasm.is_special(id) !== 0 };
  }

  /**
   * The logits after every one of `ids`, from an empty text: onRows(first, rows, Float32Array of
   * rows x vocabulary).
   */
  async evaluate(ids, onRows, { chunk = SLICE } = {}) {
    this.#begin();
    try {
      this.#writeIds(ids);
      this.#rewind(0);
      for (let first = 0; first < ids.length; first += chunk) {
        const rows = Math.min(chunk, ids.length - first);
        this.#check(this.#wasm.prefill_logits(first, rows), 'feed tokens');
        this.#fed.push(...ids.slice(first, first + rows));
        const logits = new Float32Array(
          this.#wasm.memory.buffer,
          this.#wasm.logits() >>> 0,
          rows * this.vocabularySize,
        );
        await onRows(first, rows, logits);
      }
    } finally {
      this.#running = false;
    }
  }

  // ---- Inside

  async *#pieces(prompt, options) {
    const wasm = this.#wasm;
    const began = performance.now();
    const chat = Array.isArray(prompt) ? typeof prompt[0] === 'object' : options.chat === true;
    const ids =
      Array.isArray(prompt) && !chat
        ? prompt
        : chat
          ? this.tokenizeChat(Array.isArray(prompt) ? prompt : [{ role: 'user', content: prompt }])
          : this.tokenize(prompt);
    if (ids.length === 0)
      throw new IngotError('invalid-argument', 'the prompt is empty, expected at least one token');
    if (ids.length > this.context)
      throw new IngotError(
        'context-full',
        `the prompt is ${ids.length} tokens long, expected at most ${this.context} (the context)`,
      );
    this.#setOptions(options);
    const result = (this.result = {
      promptTokens: ids.length,
      reusedTokens: 0,
      tokens: 0,
      stop: 'cancelled',
      seconds: 0,
      firstTokenSeconds: 0,
    });
    const seconds = () => (performance.now() - began) / 1000;
    try {
      let turn = performance.now();
      const pause = async () => {
        if (performance.now() - turn > PATIENCE) {
          await breathe();
          turn = performance.now();
        }
      };
      result.reusedTokens = this.#reuse(ids);
      for (let at = result.reusedTokens; at < ids.length && !this.#cancelled; at += SLICE) {
        const count = Math.min(SLICE, ids.length - at);
        this.#writeIds(ids);
        this.#check(wasm.prefill(at, count), 'feed the prompt');
        this.#fed.push(...ids.slice(at, at + count));
        await pause();
      }

      wasm.pieces(SKIP_SPECIAL | (chat || options.continues === false ? 0 : CONTINUE));
      const most = options.maxTokens ?? Infinity,
        atOnce = 1 + (options.lookup ?? 0);
      result.stop = 'length';
      while (result.tokens < most) {
        if (this.#cancelled) {
          result.stop = 'cancelled';
          break;
        }
        const wanted = Math.min(atOnce, most - result.tokens);
        const tokens = this.#readIds(this.#count(wasm.generate(wanted), 'generate'));
        this.#fed.push(...tokens);
        result.seconds = seconds();
        result.firstTokenSeconds ||= result.seconds;
        for (const token of tokens) {
          ++result.tokens;
          const bytes = this.#count(wasm.piece(token), 'turn a token into text');
          if (bytes) yield this.#readText(bytes);
        }
        if (wasm.stop() !== 2) {
          result.stop = STOPS[wasm.stop()];
          break;
        }
        await pause();
      }
      const bytes = this.#count(wasm.last_piece(), 'turn a token into text');
      if (bytes) yield this.#readText(bytes);
    } finally {
      result.seconds = seconds();
    }
  }

  #setOptions({
    temperature = 0,
    topK = 0,
    topP = 0,
    minP = 0,
    repeatPenalty = 0,
    seed = 0,
    lookup = 0,
    maxTokens,
  }) {
    if (maxTokens !== undefined && !(Number.isInteger(maxTokens) && maxTokens >= 0))
      throw new IngotError(
        'invalid-argument',
        `option 'maxTokens' is '${maxTokens}', expected a whole number`,
      );
    if (whole('lookup', lookup) > this.lookup)
      throw new IngotError(
        'invalid-argument',
        `option 'lookup' is ${lookup}, expected at most ${this.lookup}, which ` +
          'load() was given',
      );
    for (const [name, value] of Object.entries({ temperature, topP, minP, repeatPenalty }))
      if (typeof value !== 'number' || !(value >= 0))
        throw new IngotError(
          'invalid-argument',
          `option '${name}' is '${value}', expected a number, 0 or more`,
        );
    const bits = BigInt.asUintN(64, BigInt(seed));
    this.#wasm.options(
      temperature,
      whole('topK', topK),
      topP,
      minP,
      repeatPenalty,
      Number(bits & 0xffffffffn),
      Number(bits >> 32n),
      lookup,
    );
  }

  /**
   * Goes back to where the session's text and `ids` part; the last id is always fed, for its
   * logits.
   */
  #reuse(ids) {
    let common = 0;
    while (common < Math.min(this.#fed.length, ids.length - 1) && this.#fed[common] === ids[common])
      ++common;
    this.#rewind(common);
    return common;
  }

  #rewind(position) {
    this.#check(this.#wasm.rewind(position), 'rewind');
    this.#fed.length = position;
  }

  #begin() {
    if (this.textOnly)
      throw new IngotError('invalid-argument', "the model was loaded with 'textOnly'");
    if (this.#running) throw new IngotError('busy', 'the model is in the middle of another call');
    this.#running = true;
    this.#cancelled = false;
  }

  #check(status, doing) {
    if (status !== 0)
      throw new IngotError(
        CODES[status & 0xff] ?? 'failed',
        `cannot ${doing}: ${this.#string(this.#wasm.status_text(status))}`,
      );
  }

  #count(answer, doing) {
    this.#check(answer < 0 ? -answer : 0, doing);
    return answer;
  }

  // The memory's views end when it grows, so each is made for one use.

  #string(pointer) {
    const memory = new Uint8Array(this.#wasm.memory.buffer);
    const at = pointer >>> 0;
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(
      memory.subarray(at, memory.indexOf(0, at)),
    );
  }

  #room(pointer) {
    if (!pointer) throw new IngotError('out-of-memory', 'the engine gives no more memory');
    return pointer >>> 0;
  }

  #write(bytes) {
    const at = this.#room(this.#wasm.text(Math.max(bytes.length, 1)));
    new Uint8Array(this.#wasm.memory.buffer, at, bytes.length).set(bytes);
    return bytes.length;
  }

  #writeIds(ids) {
    const at = this.#room(this.#wasm.ids(Math.max(ids.length, 1)));
    new Int32Array(this.#wasm.memory.buffer, at, ids.length).set(ids);
  }

  #readIds(count) {
    const at = this.#room(this.#wasm.ids(1)); // which may grow the memory
    return Array.from(new Int32Array(this.#wasm.memory.buffer, at, count));
  }

  #readText(bytes) {
    const at = this.#room(this.#wasm.text(1));
    return new Uint8Array(this.#wasm.memory.buffer, at, bytes).slice();
  }
}

function whole(name, value) {
  if (!(Number.isInteger(value) && value >= 0 && value < 2 ** 31))
    throw new IngotError(
      'invalid-argument',
      `option '${name}' is '${value}', expected a whole number`,
    );
  return value;
}
