// Runs a compiled module in Node as the executables of other targets run by themselves: the verbs
// of
// runtime/cli, behind `--ingot-verb`, with the same options, outputs, messages and exit codes.
//
//     node cli.mjs NAME.wasm [--ingot-verb VERB] [option...]

import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';

import { NpyWriter, print, readWhole } from './files.mjs';
import {
  FAILED,
  INTERRUPTED,
  MACHINE,
  MANY,
  MISSING,
  UNSUPPORTED,
  USAGE,
  fail,
  flag,
  integer,
  parse,
  real,
  seed,
  text,
} from './options.mjs';

// ---- What the verbs share

let program, api;

async function openModel(found, extra = {}) {
  if (found.threads !== undefined && found.threads !== 1)
    fail(USAGE, `option '--threads' is ${found.threads}, expected 1: modules have one thread`);
  const options = { ...extra };
  if (found.weights !== undefined) options.weights = pathToFileURL(found.weights);
  const model = await api.load(pathToFileURL(program), options);
  if (found.level !== undefined && found.level !== model.level)
    fail(USAGE, `option '--level' is '${found.level}', expected one of '${model.level}'`);
  return model;
}

function needTokenizer(model) {
  if (!model.hasTokenizer)
    fail(UNSUPPORTED, `model '${model.name}' was compiled without a tokenizer`);
}

/** Sequences of ids, one a line: [{ids, line}], blank lines left out. */
function parseIds(model, name, bytes) {
  const lines = [];
  const content = bytes.toString('latin1').split('\n');
  content.forEach((line, number) => {
    const ids = [];
    for (const { 0: word, index } of line.matchAll(/\d+|[^\d \t,\r]/g)) {
      const where = `${name}:${number + 1}:${index + 1}`;
      if (!/^\d/.test(word))
        fail(
          FAILED,
          `${where}: byte 0x${word.charCodeAt(0).toString(16).padStart(2, '0')}, expected decimal token ids`,
        );
      if (!(Number(word) < model.vocabularySize))
        fail(
          FAILED,
          `${where}: token id ${word.slice(0, 20)} is not in the vocabulary of ${model.vocabularySize}`,
        );
      ids.push(Number(word));
    }
    if (ids.length) lines.push({ ids, line: number + 1 });
  });
  return lines;
}

// ---- The verbs

async function run(words) {
  const table = [
    text('p', 'prompt'),
    text('f', 'file'),
    integer(-1, MANY, 'n', 'count'),
    real(0, 1000, 'temp'),
    integer(0, MANY, 'top-k'),
    real(0, 1, 'top-p'),
    real(0, 1, 'min-p'),
    real(1e-3, 1000, 'repeat-penalty'),
    seed,
    flag('chat'),
    integer(0, 64, 'lookup'),
    flag('v', 'stats'),
    ...MACHINE,
  ];
  const found = parse(words, table, 'NAME.wasm [-p TEXT | -f FILE] [options]');
  if (!found) return;
  if (found.prompt !== undefined && found.file !== undefined)
    fail(USAGE, "options '-p' and '-f' exclude each other");
  const lookup = found.lookup ?? 0;
  const model = await openModel(found, { lookup });
  if (found.version) {
    print(
      `${model.name} (Ingot ${model.version >> 16}.${(model.version >> 8) & 255}.${model.version & 255})\n` +
        `${model.banner}\n`,
    );
    return;
  }
  needTokenizer(model);
  if (found.chat && !model.hasChat)
    fail(UNSUPPORTED, `model '${model.name}' was compiled without a chat template`);
  let interrupted = 0;
  const onSignal = (name, number) =>
    process.once(name, () => {
      interrupted = number;
      model.cancel();
    });
  onSignal('SIGINT', 2);
  onSignal('SIGTERM', 15);

  const prompt = found.prompt ?? readWhole(found.file);
  const ids = found.chat
    ? model.tokenizeChat([{ role: 'user', content: prompt }])
    : model.tokenize(prompt);
  const options = {
    temperature: found.temp,
    topK: found['top-k'],
    topP: found['top-p'],
    minP: found['min-p'],
    repeatPenalty: found['repeat-penalty'],
    seed: found.seed,
    lookup,
    bytes: true,
    continues: !found.chat,
  };
  if (found.count >= 0) options.maxTokens = found.count;
  for await (const piece of model.generate(ids, options)) print(piece);
  print('\n');
  const { promptTokens, tokens, firstTokenSeconds, seconds } = model.result;
  if ((found.stats || process.stderr.isTTY) && tokens)
    process.stderr.write(
      `prompt: ${promptTokens} tokens; first token after ${(firstTokenSeconds * 1e3).toFixed(1)} ms; ` +
        `generated: ${tokens} tokens, ${(tokens / (seconds - firstTokenSeconds)).toFixed(1)} tokens/s\n`,
    );
  if (interrupted) process.exitCode = 128 + interrupted;
}

async function tokenize(words) {
  const found = parse(
    words,
    [text('f', 'file'), flag('ids'), flag('decode'), flag('no-special')],
    'NAME.wasm [-f FILE | TEXT] [--ids | --decode] [--no-special]',
    /*positional=*/ true,
  );
  if (!found) return;
  if (found.file !== undefined && found.word !== undefined)
    fail(USAGE, "option '-f' and a text exclude each other");
  if (found.decode && (found.ids || found['no-special']))
    fail(USAGE, `option '--decode' excludes '${found.ids ? '--ids' : '--no-special'}'`);
  const model = await openModel(found, { textOnly: true });
  needTokenizer(model);
  const bytes = found.word !== undefined ? Buffer.from(found.word) : readWhole(found.file);
  if (found.decode) {
    const name = found.file ?? (found.word !== undefined ? 'TEXT' : 'standard input');
    return print(
      model.detokenize(
        parseIds(model, name, bytes).flatMap(({ ids }) => ids),
        { bytes: true },
      ),
    );
  }
  const ids = model.tokenize(bytes, { special: !found['no-special'] });
  if (found.ids) return print(`${ids.join(' ')}\n`);
  print(ids.map((id) => `${jsonString(model.token(id).bytes)}\n`).join(''));
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The character that begins at bytes[at], and how many bytes it takes; nothing when they are no UTF-8. */
function characterAt(bytes, at) {
  for (let length = 1; length <= 4 && at + length <= bytes.length; ++length)
    try {
      return { character: strict.decode(bytes.subarray(at, at + length)), length };
    } catch {
      /* one more byte, perhaps */
    }
  return null;
}

/** As runtime/cli/Json.cpp writes it: a byte that is no UTF-8 is spelled out. */
function jsonString(bytes) {
  let out = '';
  for (let at = 0; at < bytes.length;) {
    const found = characterAt(bytes, at);
    at += found?.length ?? 1;
    if (!found) out += `<0x${bytes[at - 1].toString(16).toUpperCase().padStart(2, '0')}>`;
    else if (found.character === '"' || found.character === '\\') out += `\\${found.character}`;
    else if (found.character < ' ' || found.character === '\x7f')
      out += `\\u${found.character.charCodeAt(0).toString(16).padStart(4, '0')}`;
    else out += found.character;
  }
  return `"${out}"`;
}

async function evaluate(words) {
  const table = [
    text('tokens'),
    text('logits'),
    text('perplexity'),
    integer(2, MANY, 'window'),
    integer(1, 512, 'chunk'),
    text('o', 'output'),
    ...MACHINE,
  ];
  const found = parse(
    words,
    table,
    'NAME.wasm (--tokens IDS.txt --logits OUT.npy | --perplexity TEXT.txt) [options]',
  );
  if (!found) return;
  if (found.perplexity !== undefined) {
    if (found.tokens !== undefined || found.logits !== undefined)
      fail(USAGE, "option '--perplexity' excludes '--tokens' and '--logits'");
    if (!['text', 'json', undefined].includes(found.output))
      fail(USAGE, `option '-o' is '${found.output}', expected 'text' or 'json'`);
    return perplexity(found);
  }
  if (found.tokens === undefined || found.logits === undefined)
    fail(USAGE, "expected '--tokens' and '--logits', or '--perplexity'");
  if (found.window !== undefined || found.output !== undefined)
    fail(
      USAGE,
      `option '${found.window !== undefined ? '--window' : '-o'}' goes with '--perplexity' only`,
    );
  const bytes = readWhole(found.tokens);
  const model = await openModel(found);
  const lines = parseIds(model, found.tokens, bytes);
  for (const { ids, line } of lines)
    if (ids.length > model.context)
      fail(
        FAILED,
        `${found.tokens}:${line}:1: the sequence has ${ids.length} tokens, expected at most ` +
          `${model.context} (the context)`,
      );
  const writer = new NpyWriter(
    found.logits,
    lines.reduce((sum, { ids }) => sum + ids.length, 0),
    model.vocabularySize,
  );
  try {
    for (const { ids } of lines)
      await model.evaluate(ids, (first, rows, logits) => writer.write(logits), {
        chunk: found.chunk,
      });
    writer.finish();
  } finally {
    writer.discard();
  }
}

async function perplexity(found) {
  const bytes = readWhole(found.perplexity);
  const model = await openModel(found);
  needTokenizer(model);
  let window = found.window ?? Math.min(2048, model.context);
  if (window > model.context)
    fail(USAGE, `option '--window' is ${window}, expected at most ${model.context} (the context)`);
  const ids = model.tokenize(bytes);
  if (ids.length < 2 || window < 2)
    fail(FAILED, `'${found.perplexity}' is ${ids.length} tokens long, expected at least 2`);
  window = Math.min(window, ids.length); // a last window that is shorter is dropped unless it is the only one
  let total = 0,
    targets = 0;
  const size = model.vocabularySize;
  for (let begin = 0; begin + window <= ids.length; begin += window) {
    await model.evaluate(
      ids.slice(begin, begin + window - 1),
      (first, rows, logits) => {
        for (let row = 0; row < rows; ++row)
          total += negativeLogLikelihood(
            logits.subarray(row * size, (row + 1) * size),
            ids[begin + first + row + 1],
          );
      },
      { chunk: found.chunk },
    );
    targets += window - 1;
  }
  const nll = total / targets;
  if (!Number.isFinite(nll)) fail(FAILED, "the model's logits are not finite");
  const digits = (value) => Number(value.toPrecision(9));
  print(
    found.output === 'json'
      ? `${JSON.stringify({ tokens: targets, nll: digits(nll), perplexity: digits(Math.exp(nll)) })}\n`
      : `perplexity ${Math.exp(nll).toFixed(4)} (${nll.toFixed(6)} nats a token, ${targets} tokens)\n`,
  );
}

function negativeLogLikelihood(logits, target) {
  const most = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const sum = logits.reduce((all, logit) => all + Math.exp(logit - most), 0);
  return Math.log(sum) + most - logits[target];
}

// ---- Start

const VERBS = { run, eval: evaluate, tokenize };
const EXIT_CODES = {
  'no-tokenizer': UNSUPPORTED,
  'no-chat-template': UNSUPPORTED,
  unsupported: MISSING,
  cancelled: INTERRUPTED,
};

async function main([path, ...words]) {
  program = path;
  if (Number(process.versions.node.split('.')[0]) < 18)
    fail(MISSING, `Node.js is version ${process.versions.node}, expected 18 or later`);
  api = await import(pathToFileURL(program.replace(/\.wasm$/, '.mjs')));
  let verb = run;
  if (words[0] === '--ingot-verb') {
    if (!Object.hasOwn(VERBS, words[1]))
      fail(
        UNSUPPORTED,
        `verb '${words[1]}' does not exist for modules, expected run, eval or tokenize`,
      );
    verb = VERBS[words[1]];
    words = words.slice(2);
  }
  await verb(words);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const code = error.exitCode ?? EXIT_CODES[error.code] ?? FAILED;
  process.stderr.write(`${basename(program ?? 'module', '.wasm')}: error: ${error.message}\n`);
  process.exitCode = code;
}
