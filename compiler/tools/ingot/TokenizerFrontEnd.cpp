//===- TokenizerFrontEnd.cpp - The tokenizer's part of a compile ----------===//

#include "compiler/tools/ingot/TokenizerFrontEnd.h"

using namespace ingot;

llvm::Expected<TokenizerSources> ingot::emitTokenizer(const ModelSpec &spec,
                                                      const std::string &name,
                                                      Progress &progress) {
  TokenizerSources result;
  if (!spec.tokenizer)
    return result;
  result.addBos = spec.tokenizer->addBos;
  result.bos = spec.tokenizer->bos;
  result.eos = spec.tokenizer->eos;
  return result;
}
