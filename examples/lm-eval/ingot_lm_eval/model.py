"""The model class `ingot` of lm-evaluation-harness."""

import numpy as np
from lm_eval import utils
from lm_eval.api.model import TemplateLM
from lm_eval.api.registry import register_model
from tqdm import tqdm

from .library import NO_BOS, Model, Session

ROWS = 64  # logits held at a time: 64 x 49,152 floats are 12 MB


def log_softmax(logits):
    logits = logits.astype(np.float64)
    logits -= logits.max(axis=-1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))


@register_model("ingot")
class IngotLM(TemplateLM):
    """A folder that `ingot compile --emit so` wrote.

    Requests are answered in the order of their tokens, so that neighbours share beginnings: what the
    session has read of a request already is kept in its KV cache and not fed again.
    """

    def __init__(self, directory, threads=0, context=0, max_gen_toks=256, huge_pages=False, **_):
        super().__init__()
        self.compiled = Model(directory)
        self.session = Session(self.compiled, threads=int(threads), context=int(context),
                               huge_pages=str(huge_pages).lower() in ("1", "true", "yes"))
        self.max_length = int(context) or self.compiled.max_context
        self.max_gen_toks = int(max_gen_toks)

    @property
    def eot_token_id(self):
        return self.compiled.eos[0]

    @property
    def prefix_token_id(self):
        return self.compiled.bos if self.compiled.bos >= 0 else self.eot_token_id

    def tok_encode(self, string, add_special_tokens=None, **_):
        ids = self.compiled.tokenize(string, NO_BOS)
        begins = bool(ids) and ids[0] == self.compiled.bos
        if add_special_tokens is False or begins:
            return ids
        return self.compiled.tokenize(string) if ids else ids

    def tok_decode(self, tokens, **_):
        return self.compiled.detokenize(tokens)

    def read(self, tokens, most):
        """Brings the session to the first `most` of `tokens`, feeding only what it has not read."""
        self.session.rewind(min(most, self.session.common(tokens)))
        self.session.feed(tokens[len(self.session.tokens):most])

    def score(self, context, continuation):
        """(log-likelihood, greedy) of the continuation's tokens; the context is cut from the left."""
        tokens = (context + continuation)[-(self.max_length + 1):]
        count = min(len(continuation), len(tokens) - 1)
        first = len(tokens) - 1 - count  # its logits foretell the first token that counts
        self.read(tokens, first)
        total, greedy = 0.0, True
        for begin in range(first, len(tokens) - 1, ROWS):
            end = min(begin + ROWS, len(tokens) - 1)
            scores = log_softmax(self.session.feed_logits(tokens[begin:end]))
            wanted = tokens[begin + 1:end + 1]
            total += scores[np.arange(end - begin), wanted].sum()
            greedy &= bool((scores.argmax(axis=-1) == wanted).all())
        return float(total), greedy

    def _loglikelihood_tokens(self, requests, disable_tqdm=False, **_):
        order = sorted(range(len(requests)), key=lambda i: (requests[i][1], requests[i][2]))
        answers = [None] * len(requests)
        for i in tqdm(order, desc="loglikelihood", disable=disable_tqdm):
            key, context, continuation = requests[i]
            answers[i] = self.score(context, continuation)
            if key is not None:
                self.cache_hook.add_partial("loglikelihood", key, answers[i])
        return answers

    def loglikelihood_rolling(self, requests, disable_tqdm=False):
        totals = []
        for request in tqdm(requests, desc="rolling", disable=disable_tqdm):
            (text,) = request.args
            windows = map(utils.make_disjoint_window, utils.get_rolling_token_windows(
                token_list=self.tok_encode(text, add_special_tokens=False),
                prefix_token=self.prefix_token_id, max_seq_len=self.max_length, context_len=1))
            totals.append(sum(self.score(context, wanted)[0] for context, wanted in windows))
            self.cache_hook.add_partial("loglikelihood_rolling", (text,), totals[-1])
        return totals

    def generate_until(self, requests, disable_tqdm=False):
        encoded = [self.tok_encode(request.args[0]) or [self.prefix_token_id] for request in requests]
        answers = [None] * len(requests)
        for i in tqdm(sorted(range(len(requests)), key=encoded.__getitem__), desc="generate",
                      disable=disable_tqdm):
            answers[i] = self.generate(encoded[i], dict(requests[i].args[1]))
            self.cache_hook.add_partial("generate_until", requests[i].args, answers[i])
        return answers

    def generate(self, context, options):
        """Greedy text behind `context`, up to an end token, a stop string or the limit."""
        until = options.get("until") or []
        until = [until] if isinstance(until, str) else until
        if options.get("do_sample") or options.get("temperature", 0) not in (0, None):
            raise ValueError(f"'generation_kwargs' ask for sampling ({options}), expected greedy decoding")
        limit = min(int(options.get("max_gen_toks", self.max_gen_toks)), self.max_length - 1)
        context = context[-(self.max_length - limit):]
        self.read(context, len(context) - 1)
        generated, last = [], context[-1]
        text = ""
        while len(generated) < limit:
            last = int(self.session.feed_logits([last])[0].argmax())
            if last in self.compiled.eos:
                break
            generated.append(last)
            text = self.compiled.detokenize(generated)
            ends = [text.find(stop) for stop in until if stop and stop in text]
            if ends:
                return text[:min(ends)]
        return text
