// Command lines as tables of options, with the words and codes of runtime/cli/Options.h.

export const FAILED = 1,
  USAGE = 2,
  UNSUPPORTED = 3,
  MISSING = 5,
  INTERRUPTED = 130;

export class Failure extends Error {
  constructor(code, message) {
    super(message);
    this.exitCode = code;
  }
}

export const fail = (code, message) => {
  throw new Failure(code, message);
};

export const MANY = 2 ** 30;
export const text = (...names) => ({ names, take: (spelled, word) => word });
export const flag = (...names) => ({ names, flag: true });

function number(kind, accept, least, most, names) {
  return {
    names,
    take(spelled, word) {
      if (!accept.test(word) || !(Number(word) >= least && Number(word) <= most))
        fail(USAGE, `option '${spelled}' is '${word}', expected ${kind} from ${least} to ${most}`);
      return Number(word);
    },
  };
}
export const integer = (least, most, ...names) =>
  number('a whole number', /^-?\d+$/, least, most, names);
export const real = (least, most, ...names) =>
  number('a number', /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i, least, most, names);
export const seed = {
  names: ['seed'],
  take: (spelled, word) =>
    /^\d+$/.test(word) && BigInt(word) < 2n ** 63n
      ? BigInt(word)
      : fail(USAGE, `option '${spelled}' is '${word}', expected a whole number from 0 to 9.2e+18`),
};

export const MACHINE = [integer(1, 256, 't', 'threads'), text('level'), text('weights')];

/** {name: value} of the options, under their last names, and `word`: what is no option. */
export function parse(words, table, usage, positional = false) {
  const found = {};
  for (let i = 0; i < words.length; ++i) {
    const word = words[i];
    if (!word.startsWith('-') || word === '-') {
      if (!positional || found.word !== undefined) fail(USAGE, `unexpected argument '${word}'`);
      found.word = word;
      continue;
    }
    if (word === '--') {
      for (const rest of words.slice(i + 1)) {
        if (!positional || found.word !== undefined) fail(USAGE, `unexpected argument '${rest}'`);
        found.word = rest;
      }
      break;
    }
    if (word === '--help' || word === '-h') {
      process.stdout.write(`usage: ${usage}\n`);
      return null;
    }
    if (word === '--version') {
      found.version = true;
      return found;
    }
    const long = word.startsWith('--');
    const equals = long ? word.indexOf('=') : -1;
    const name = long ? word.slice(2, equals < 0 ? undefined : equals) : word[1];
    const option = table.find(({ names }) => names.includes(name));
    if (!option) fail(USAGE, `unknown option '${word}', see --help`);
    const spelled = long ? `--${name}` : `-${name}`;
    let value =
      equals >= 0 ? word.slice(equals + 1) : !long && word.length > 2 ? word.slice(2) : undefined;
    if (option.flag && value !== undefined) fail(USAGE, `option '${spelled}' takes no value`);
    if (!option.flag && value === undefined && ++i === words.length)
      fail(USAGE, `option '${spelled}' needs a value`);
    found[option.names.at(-1)] = option.flag ? true : option.take(spelled, value ?? words[i]);
  }
  return found;
}
