#include "compiler/tools/ingot/QuantizationReport.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace ingot;

void ingot::describeQuantization(nlohmann::ordered_json &report,
                                 const std::map<std::string, QuantizationError> &errors) {
  auto &list = report["quantization"] = nlohmann::ordered_json::array();
  for (const auto &[tensor, error] : errors)
    list.push_back({{"tensor", tensor},
                    {"format", error.format},
                    {"relative_error", error.relative},
                    {"largest_error", error.largest}});
}

std::vector<std::string>
ingot::quantizationSummary(const std::map<std::string, QuantizationError> &errors) {
  struct Sum {
    int count = 0;
    double relative = 0, worst = -1;
    std::string worstTensor;
  };
  std::map<std::string, Sum> formats;
  for (const auto &[tensor, error] : errors) {
    Sum &sum = formats[error.format];
    ++sum.count;
    sum.relative += error.relative;
    if (error.relative > sum.worst) {
      sum.worst = error.relative;
      sum.worstTensor = tensor;
    }
  }
  std::vector<std::string> lines;
  for (const auto &[format, sum] : formats) {
    llvm::raw_string_ostream os(lines.emplace_back());
    os << "quantised " << sum.count << (sum.count == 1 ? " tensor" : " tensors") << " to " << format
       << llvm::format(": mean relative error %.2f %%, most %.2f %% in '",
                       100 * sum.relative / sum.count, 100 * sum.worst)
       << sum.worstTensor << "'";
  }
  return lines;
}
