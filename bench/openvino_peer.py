"""OpenVINO GenAI on the same GGUF. The same two commands as llama_peer.c:

    openvino_peer.py MODEL THREADS speed PROMPT DECODE | start TEXT
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


def main():
    model, threads, what = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    pipeline = make_pipeline(model, threads)
    if what == "start":
        config = openvino_genai.GenerationConfig()
        config.max_new_tokens = 1
        config.apply_chat_template = False
        print(pipeline.generate(sys.argv[4], config), end="", flush=True)
        return
    prompt, decode = int(sys.argv[4]), int(sys.argv[5])
    chance = random.Random(1)
    generate(pipeline, chance, prompt, 16)  # warm
    prefill, _ = generate(pipeline, chance, prompt, 2)
    _, speed = generate(pipeline, chance, 1, decode + 1)
    print(json.dumps({"prefill": prefill, "decode": speed}))


if __name__ == "__main__":
    main()
