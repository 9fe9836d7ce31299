#include "compiler/driver/Report.h"

#include "llvm/Object/ObjectFile.h"

#include <algorithm>

using namespace ingot;

llvm::Expected<nlohmann::ordered_json> ingot::sectionBytes(const std::string &object,
                                                           uint64_t embedded) {
  auto file = llvm::object::ObjectFile::createObjectFile(object);
  if (!file)
    return file.takeError();
  uint64_t code = 0, constants = 0, weights = 0, writable = 0;
  for (const llvm::object::SectionRef &section : file->getBinary()->sections()) {
    llvm::Expected<llvm::StringRef> name = section.getName();
    if (!name)
      return name.takeError();
    const uint64_t size = section.getSize();
    if (*name == "DATA") {
      weights += embedded;
      constants += size - std::min(size, embedded);
    } else if (name->starts_with(".rodata.ingot_image") || *name == "__ingot_image")
      weights += size;
    else if (section.isText())
      code += size;
    else if (name->starts_with(".rodata") || name->starts_with(".data.rel.ro") ||
             *name == "__const" || *name == "__cstring" || name->starts_with("__literal"))
      constants += size;
    else if (section.isData() || section.isBSS())
      writable += name->starts_with(".note") || name->starts_with(".comment") ? 0 : size;
  }
  nlohmann::ordered_json bytes;
  bytes["code"] = code;
  bytes["constants"] = constants;
  bytes["weights"] = weights;
  bytes["writable"] = writable;
  return bytes;
}

std::string ingot::formatJson(const nlohmann::ordered_json &value) {
  return value.dump(2, ' ', /*ensure_ascii=*/true, nlohmann::json::error_handler_t::replace) + "\n";
}
