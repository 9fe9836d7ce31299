// The ES module of a compiled SmolLM2 with sidecar weights, as a program imports it:
//     node wasm_api.mjs NAME.mjs NAME.wasm NAME.weights

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';

const [modulePath, wasmPath, weightsPath] = process.argv.slice(2);
const { load, IngotError } = await import(pathToFileURL(modulePath));
const wasm = readFileSync(wasmPath),
  weights = readFileSync(weightsPath);
let checks = 0;

const fails = async (code, body) => {
  await assert.rejects(body, (error) => {
    assert(error instanceof IngotError, `${error}`);
    assert.equal(error.code, code, error.message);
    assert.match(error.message, /^[a-z']/, 'a sentence without a capital');
    assert(!error.message.endsWith('.'));
    return true;
  });
  ++checks;
};
const collect = async (iterator) => {
  const pieces = [];
  for await (const piece of iterator) pieces.push(piece);
  return pieces;
};

// Loading: from beside the module, with progress that grows up to the size.
const seen = { module: [], weights: [] };
const model = await load({
  context: 160,
  lookup: 2,
  onProgress: ({ what, loaded, total }) => seen[what].push([loaded, total]),
});
for (const [what, size] of [
  ['module', wasm.length],
  ['weights', weights.length],
]) {
  assert(
    seen[what].length > (what === 'weights' ? 10 : 1),
    `${seen[what].length} reports of ${what}`,
  );
  assert.deepEqual(seen[what][0], [0, size]);
  assert.deepEqual(seen[what].at(-1), [size, size]);
  seen[what].reduce(
    ([before], [after, total]) => (assert(after >= before && total === size), [after, total]),
  );
}
assert.equal(model.name, 'smollm2');
assert(
  model.hasTokenizer && model.hasChat && model.context === 160 && model.vocabularySize === 49152,
);
++checks;

// Generating: an async iterator of text; greedy twice the same; the second time only the last token
// is fed.
const question = [{ role: 'user', content: 'What do plants need to grow?' }];
const pieces = await collect(model.generate(question, { maxTokens: 24 }));
assert(pieces.length > 15 && pieces.every((piece) => typeof piece === 'string' && piece.length));
assert.match(pieces.join(''), /water/);
assert.equal(model.result.tokens, 24);
assert.equal(model.result.stop, 'length');
assert.equal(model.result.reusedTokens, 0);
assert(
  model.result.seconds >= model.result.firstTokenSeconds && model.result.firstTokenSeconds > 0,
);
const promptTokens = model.result.promptTokens;
const again = await collect(model.generate(question, { maxTokens: 24, lookup: 2 }));
assert.equal(again.join(''), pieces.join(''));
assert.equal(model.result.reusedTokens, promptTokens - 1);
++checks;

// A conversation goes on where it was: what was said is not fed again.
const more = [
  ...question,
  { role: 'assistant', content: pieces.join('') },
  { role: 'user', content: 'Why?' },
];
await collect(model.generate(more, { maxTokens: 2 }));
assert(
  model.result.reusedTokens >= promptTokens,
  `${model.result.reusedTokens} of ${promptTokens} reused`,
);
++checks;

// Prompts as texts, ids, turns; options reach the sampler; bytes are exact.
const text = (await collect(model.generate('The capital of France is', { maxTokens: 6 }))).join('');
assert.match(text, /Paris/);
assert.equal(
  (
    await collect(model.generate(model.tokenize('The capital of France is'), { maxTokens: 6 }))
  ).join(''),
  text,
);
assert.equal(
  (
    await collect(model.generate('What do plants need to grow?', { chat: true, maxTokens: 24 }))
  ).join(''),
  pieces.join(''),
);
const draw = async (seed) =>
  (
    await collect(model.generate('Once upon a time', { maxTokens: 12, temperature: 1.5, seed }))
  ).join('');
assert.equal(await draw(7), await draw(7n));
assert.notEqual(await draw(7), await draw(8));
const bytes = await collect(
  model.generate('The capital of France is', { maxTokens: 6, bytes: true }),
);
assert.equal(Buffer.concat(bytes).toString(), text);
assert.deepEqual(await collect(model.generate('Hello', { maxTokens: 0 })), []);
++checks;

// Text: ids there and back, special tokens on demand, characters of several tokens in one piece.
const strange = 'caf\u00e9 \u4f60\u597d \u{1f600} <|im_end|>';
assert.equal(model.detokenize(model.tokenize(strange)), strange);
assert(
  model.tokenize(strange).includes(2) && !model.tokenize(strange, { special: false }).includes(2),
);
const cut = new Uint8Array([32, 0xe2, 0x82]); // no whole character
assert.deepEqual(
  Buffer.from(model.detokenize(model.tokenize(cut), { bytes: true })),
  Buffer.from(cut),
);
assert.equal(model.token(2).special, true);
assert.equal(model.tokenizeChat(question).length, promptTokens);
++checks;

// Cancelling: from outside, between two pieces, by a signal, by leaving the loop; the model stays
// usable.
const cancelled = [];
setTimeout(() => model.cancel(), 60);
for await (const piece of model.generate(question, { maxTokens: 200 })) cancelled.push(piece);
assert.equal(model.result.stop, 'cancelled');
assert(model.result.tokens < 200);
for await (const piece of model.generate(question, { maxTokens: 200 })) if (piece) model.cancel();
assert.equal(model.result.stop, 'cancelled');
assert.equal(model.result.tokens, 1);
await collect(model.generate(question, { signal: AbortSignal.abort() }));
assert.equal(model.result.tokens, 0);
for await (const piece of model.generate(question)) if (piece) break;
model.cancel(); // nobody runs: the next one is not its business
assert.equal(
  (await collect(model.generate(question, { maxTokens: 24 }))).join(''),
  pieces.join(''),
);
++checks;

// While it generates others have their turn.
let turns = 0;
const timer = setInterval(() => ++turns, 1);
await collect(model.generate(question, { maxTokens: 24 }));
clearInterval(timer);
assert(turns > 3, `${turns} turns of a timer`);
++checks;

// Mistakes.
await fails('invalid-argument', () => collect(model.generate('')));
await fails('invalid-argument', () => collect(model.generate('x', { temperature: -1 })));
await fails('invalid-argument', () => collect(model.generate('x', { temperature: 'hot' })));
await fails('invalid-argument', () => collect(model.generate('x', { maxTokens: 1.5 })));
await fails('invalid-argument', () => collect(model.generate('x', { topP: 2, temperature: 1 })));
await fails('invalid-argument', () => collect(model.generate('x', { lookup: 3 })));
await fails('invalid-argument', () => collect(model.generate([{ role: 'robot', content: '' }])));
await fails('invalid-token', () => collect(model.generate([49152])));
await fails('context-full', () => collect(model.generate('word '.repeat(400))));
await fails('busy', async () => {
  for await (const piece of model.generate(question))
    if (piece) await collect(model.generate(question));
});
assert.equal(
  (await collect(model.generate('The capital of France is', { maxTokens: 6 }))).join(''),
  text,
);
const full = await collect(model.generate('word '.repeat(150)));
assert.equal(model.result.stop, 'context', full.join(''));
++checks;

// Without weights: text only.
const words = await load(wasm, { textOnly: true });
assert.deepEqual(words.tokenize(strange), model.tokenize(strange));
await fails('invalid-argument', () => collect(words.generate('x')));

// Mistakes of loading.
await fails('fetch-failed', () => load(new URL('none.wasm', import.meta.url)));
await fails('bad-module', () => load(wasm.subarray(0, 1000), { weights }));
await fails('bad-module', () => load(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])));
await fails('weights-mismatch', () => load(wasm, { weights: weights.subarray(1) }));
await fails('weights-mismatch', () =>
  load(wasm, { weights: Buffer.concat([weights, Buffer.from([0])]) }),
);
await fails('invalid-argument', () => load(wasm, { weights, context: 1e6 }));
const damaged = Buffer.from(weights);
damaged[12345] ^= 1;
await fails('weights-mismatch', () => load(wasm, { weights: damaged }));

// Over HTTP, with the length known and not, complete and not; and from a compiled module.
const server = createServer((request, response) => {
  const name = new URL(request.url, 'http://x').pathname;
  const body = {
    '/model.wasm': wasm,
    '/model.weights': weights,
    '/cut.weights': weights.subarray(0, 50000),
  }[name];
  if (!body) return response.writeHead(404).end();
  if (name !== '/model.wasm') response.setHeader('content-length', weights.length);
  if (name === '/cut.weights') return response.write(body, () => response.destroy());
  response.end(body);
});
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const at = (name) => `http://127.0.0.1:${server.address().port}/${name}`;
const fetched = await load(at('model.wasm'), { weights: at('model.weights'), context: 64 });
assert.equal(
  (await collect(fetched.generate('The capital of France is', { maxTokens: 6 }))).join(''),
  text,
);
await fails('fetch-failed', () => load(at('none.wasm')));
await fails('fetch-failed', () => load(at('model.wasm'), { weights: at('cut.weights') }));
const compiled = await load(await WebAssembly.compile(wasm), {
  weights: await fetch(at('model.weights')),
  context: 64,
});
assert.equal(compiled.name, 'smollm2');
server.close();
server.closeAllConnections();
++checks;

console.log(`${checks} checks passed`);
