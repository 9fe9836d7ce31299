"""OpenVINO GenAI on the same GGUF. The same commands as llama_peer.c:

    openvino_peer.py MODEL THREADS speed PROMPTS DECODE DEPTHS | start TEXT | files TEXT
"""

import json
import random
import sys

import numpy as np
import openvino
import openvino_genai


def make_pipeline(model, threads):
    return openvino_genai.LLMPipeline(
        model, "CPU", INFERENCE_NUM_THREADS=threads, PERFORMANCE_HINT="LATENCY")


def generate(pipeline, chance, length, decode):
    """(prefill, decode) in tokens a second, from the pipeline's own clock.

    The prompt is new every time: the pipeline remembers prefixes that it has seen.
    """
    prompt = [chance.randrange(100, 40000) for _ in range(length)]
    ids = openvino_genai.TokenizedInputs(
        openvino.Tensor(np.array([prompt], dtype=np.int64)),
        openvino.Tensor(np.ones((1, len(prompt)), dtype=np.int64)))
    config = openvino_genai.GenerationConfig()
    config.max_new_tokens = decode
    config.ignore_eos = True
    config.do_sample = False
    metrics = pipeline.generate(ids, config).perf_metrics
    return 1000 * len(prompt) / metrics.get_ttft().mean, 1000 / metrics.get_tpot().mean


def print_mapped_files():
    with open("/proc/self/maps") as maps:
        for line in maps:
            if "/" in line:
                print(line[line.index("/"):].rstrip())


def main():
    model, threads, what = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    pipeline = make_pipeline(model, threads)
    if what in ("start", "files"):
        config = openvino_genai.GenerationConfig()
        config.max_new_tokens = 1
        config.apply_chat_template = False
        answer = pipeline.generate(sys.argv[4], config)
        if what == "start":
            print(answer, end="", flush=True)
        else:
            print_mapped_files()
        return
    prompts = [int(n) for n in sys.argv[4].split(",") if n]
    decode = int(sys.argv[5])
    depths = [int(n) for n in sys.argv[6].split(",") if n]
    chance = random.Random(1)
    generate(pipeline, chance, max(prompts, default=16), 16)  # warm
    # A depth of 0 is a prompt of one token: the pipeline cannot do without.
    print(json.dumps({
        "prefill": {n: generate(pipeline, chance, n, 2)[0] for n in prompts},
        "decode": {n: generate(pipeline, chance, max(n, 1), decode + 1)[1] for n in depths},
    }))


if __name__ == "__main__":
    main()
