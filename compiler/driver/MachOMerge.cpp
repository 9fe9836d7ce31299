#include "compiler/driver/MachOMerge.h"

#include "compiler/driver/DriverError.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/BinaryFormat/MachO.h"
#include "llvm/Object/MachO.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

#include <cstring>
#include <deque>
#include <map>

using namespace ingot;
using namespace llvm::MachO;

// The structures are read and written as they lie in memory.
static_assert(llvm::endianness::native == llvm::endianness::little);

namespace {

struct InputSection {
  section_64 header;
  llvm::StringRef bytes; ///< empty for zero fill
  std::vector<relocation_info> relocations;
  size_t output = 0;   ///< index of the merged section
  uint64_t offset = 0; ///< in the merged section
};

struct Input {
  std::string name;
  std::vector<InputSection> sections;
  std::vector<nlist_64> symbols;
  std::vector<llvm::StringRef> symbolNames;
  std::vector<uint32_t> merged; ///< index of each symbol among the merged ones
};

struct OutputSection {
  section_64 header;
  std::vector<std::pair<uint64_t, llvm::StringRef>> pieces; ///< offset, bytes; ascending
  std::map<uint64_t, uint64_t> addresses; ///< offset, what replaces the piece's eight bytes there
  std::vector<relocation_info> relocations;

  bool isZeroFill() const {
    const uint32_t type = header.flags & SECTION_TYPE;
    return type == S_ZEROFILL || type == S_THREAD_LOCAL_ZEROFILL;
  }
};

struct Symbol {
  std::string name;
  nlist_64 entry;
};

class Merger {
public:
  explicit Merger(llvm::function_ref<bool(llvm::StringRef)> keepGlobal) : keepGlobal(keepGlobal) {}

  llvm::Error read(const std::string &path);
  void placeSections();
  llvm::Error mergeSymbols();
  llvm::Error moveContents();
  void write(llvm::raw_ostream &os) const;

private:
  llvm::Error bad(const Input &input, const llvm::Twine &what) const {
    return driverError(kExitFailed, "merging objects: '" + input.name + "': " + what);
  }
  size_t outputOf(const section_64 &header);
  uint64_t newAddress(const InputSection &section, uint64_t address) const {
    return outputs[section.output].header.addr + section.offset + (address - section.header.addr);
  }
  llvm::Error moveRelocation(const Input &input, const InputSection &section, relocation_info r);

  llvm::function_ref<bool(llvm::StringRef)> keepGlobal;
  mach_header_64 header = {};
  std::vector<std::unique_ptr<llvm::MemoryBuffer>> files;
  std::deque<Input> inputs;
  std::vector<OutputSection> outputs;
  std::vector<Symbol> locals, globals, undefined; ///< in the order that the format asks for
};

} // namespace

/// The name that may fill all 16 characters of a field.
static llvm::StringRef fixedName(const char (&field)[16]) {
  return llvm::StringRef(field, strnlen(field, sizeof field));
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

llvm::Error Merger::read(const std::string &path) {
  Input &input = inputs.emplace_back();
  input.name = path;
  auto file = llvm::MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!file)
    return systemError("read", path, file.getError().value());
  files.push_back(std::move(*file));
  // LLVM's reader checks every offset and count before it hands them out.
  auto parsed = llvm::object::ObjectFile::createMachOObjectFile(files.back()->getMemBufferRef());
  if (!parsed)
    return bad(input, llvm::toString(parsed.takeError()));
  const llvm::object::MachOObjectFile &object = **parsed;
  if (!object.is64Bit() || !object.isLittleEndian() || !object.isRelocatableObject())
    return bad(input, "expected a 64-bit little-endian object");
  const mach_header_64 &own = object.getHeader64();
  if (inputs.size() == 1)
    header = own;
  if (own.cputype != header.cputype)
    return bad(input, "is for another processor than the first object");
  header.flags &= own.flags; // atoms, if all of them are made of atoms

  for (const llvm::object::SectionRef &section : object.sections()) {
    InputSection &read = input.sections.emplace_back();
    read.header = object.getSection64(section.getRawDataRefImpl());
    if (!section.isBSS()) {
      llvm::Expected<llvm::StringRef> contents = section.getContents();
      if (!contents)
        return contents.takeError();
      read.bytes = *contents;
    }
    for (const llvm::object::RelocationRef &relocation : section.relocations()) {
      const any_relocation_info raw = object.getRelocation(relocation.getRawDataRefImpl());
      if (object.isRelocationScattered(raw))
        return bad(input, "has scattered relocations");
      relocation_info plain;
      std::memcpy(&plain, &raw, sizeof plain);
      read.relocations.push_back(plain);
    }
  }
  for (const llvm::object::SymbolRef &symbol : object.symbols()) {
    llvm::Expected<llvm::StringRef> symbolName = symbol.getName();
    if (!symbolName)
      return symbolName.takeError();
    input.symbols.push_back(object.getSymbol64TableEntry(symbol.getRawDataRefImpl()));
    input.symbolNames.push_back(*symbolName);
  }
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Sections
//===----------------------------------------------------------------------===//

size_t Merger::outputOf(const section_64 &header) {
  for (size_t i = 0; i < outputs.size(); ++i)
    if (fixedName(outputs[i].header.segname) == fixedName(header.segname) &&
        fixedName(outputs[i].header.sectname) == fixedName(header.sectname))
      return i;
  OutputSection &made = outputs.emplace_back();
  made.header = header;
  made.header.size = made.header.addr = made.header.align = 0;
  return outputs.size() - 1;
}

void Merger::placeSections() {
  // Zero fill goes last: it has addresses and no bytes.
  for (const bool zeroFill : {false, true})
    for (Input &input : inputs)
      for (InputSection &section : input.sections) {
        OutputSection probe = {section.header, {}, {}, {}};
        if (probe.isZeroFill() != zeroFill)
          continue;
        section.output = outputOf(section.header);
        section_64 &merged = outputs[section.output].header;
        merged.align = std::max(merged.align, section.header.align);
        merged.flags |= section.header.flags & SECTION_ATTRIBUTES;
        section.offset = llvm::alignTo(merged.size, uint64_t(1) << section.header.align);
        merged.size = section.offset + section.header.size;
      }
  uint64_t address = 0;
  for (OutputSection &section : outputs) {
    section.header.addr = address = llvm::alignTo(address, uint64_t(1) << section.header.align);
    address += section.header.size;
  }
}

//===----------------------------------------------------------------------===//
// Symbols
//===----------------------------------------------------------------------===//

llvm::Error Merger::mergeSymbols() {
  llvm::StringMap<Symbol *> defined, wanted;
  std::map<std::pair<const Input *, size_t>, Symbol *> places;
  std::deque<Symbol> own, exported, missing;
  for (Input &input : inputs)
    for (size_t i = 0; i < input.symbols.size(); ++i) {
      nlist_64 entry = input.symbols[i];
      const llvm::StringRef name = input.symbolNames[i];
      if ((entry.n_type & N_STAB) || (entry.n_type & N_TYPE) == N_UNDF)
        continue;
      if ((entry.n_type & N_TYPE) != N_SECT || entry.n_sect == 0 ||
          entry.n_sect > input.sections.size())
        return bad(input, "symbol '" + name + "' is not of a section");
      const InputSection &section = input.sections[entry.n_sect - 1];
      entry.n_value = newAddress(section, entry.n_value);
      entry.n_sect = static_cast<uint8_t>(section.output + 1);
      const bool shared = entry.n_type & N_EXT;
      const bool kept = shared && keepGlobal(name.starts_with("_") ? name.drop_front() : name);
      entry.n_type = static_cast<uint8_t>(N_SECT) | static_cast<uint8_t>(kept ? N_EXT : 0);
      Symbol &symbol = (kept ? exported : own).emplace_back(Symbol{name.str(), entry});
      places[{&input, i}] = &symbol;
      if (shared && !defined.try_emplace(name, &symbol).second)
        return bad(input, "defines '" + name + "', which another object defines too");
    }
  for (Input &input : inputs)
    for (size_t i = 0; i < input.symbols.size(); ++i) {
      const nlist_64 &entry = input.symbols[i];
      const llvm::StringRef name = input.symbolNames[i];
      if ((entry.n_type & N_STAB) || (entry.n_type & N_TYPE) != N_UNDF)
        continue;
      if (entry.n_value != 0)
        return bad(input, "has the common symbol '" + name + "'");
      Symbol *&place = defined.contains(name) ? defined[name] : wanted[name];
      if (!place) {
        nlist_64 plain = {};
        plain.n_type = N_EXT; // and N_UNDF, which is 0
        plain.n_desc = entry.n_desc & N_WEAK_REF;
        place = &missing.emplace_back(Symbol{name.str(), plain});
      }
      places[{&input, i}] = place;
    }

  std::map<const Symbol *, uint32_t> numbers;
  for (auto [from, to] : {std::pair{&own, &locals}, {&exported, &globals}, {&missing, &undefined}})
    for (const Symbol &symbol : *from) {
      numbers.emplace(&symbol, numbers.size());
      to->push_back(symbol);
    }
  for (Input &input : inputs) {
    input.merged.resize(input.symbols.size());
    for (size_t i = 0; i < input.symbols.size(); ++i)
      if (const auto place = places.find({&input, i}); place != places.end())
        input.merged[i] = numbers.at(place->second);
  }
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Contents
//===----------------------------------------------------------------------===//

llvm::Error Merger::moveRelocation(const Input &input, const InputSection &section,
                                   relocation_info r) {
  OutputSection &output = outputs[section.output];
  const uint64_t at = section.offset + static_cast<uint32_t>(r.r_address);
  r.r_address = static_cast<int32_t>(at);
  if (r.r_type == ARM64_RELOC_ADDEND) {
    // Its number is no symbol.
  } else if (r.r_extern) {
    if (r.r_symbolnum >= input.merged.size())
      return bad(input, "a relocation names symbol " + llvm::Twine(r.r_symbolnum));
    r.r_symbolnum = input.merged[r.r_symbolnum];
  } else {
    // An address inside a section stands in the bytes, counted as the object counted.
    const uint64_t in = at - section.offset;
    if (r.r_type != ARM64_RELOC_UNSIGNED || r.r_length != 3 || r.r_symbolnum == 0 ||
        r.r_symbolnum > input.sections.size() || in + 8 > section.bytes.size())
      return bad(input, "has a relocation of type " + llvm::Twine(unsigned(r.r_type)) +
                            " without a symbol");
    const InputSection &target = input.sections[r.r_symbolnum - 1];
    uint64_t address;
    std::memcpy(&address, section.bytes.data() + in, sizeof address);
    output.addresses[at] = newAddress(target, address);
    r.r_symbolnum = static_cast<uint32_t>(target.output + 1);
  }
  output.relocations.push_back(r);
  return llvm::Error::success();
}

llvm::Error Merger::moveContents() {
  for (const Input &input : inputs)
    for (const InputSection &section : input.sections) {
      OutputSection &output = outputs[section.output];
      if (output.isZeroFill())
        continue;
      output.pieces.emplace_back(section.offset, section.bytes);
      for (const relocation_info &relocation : section.relocations)
        if (llvm::Error error = moveRelocation(input, section, relocation))
          return error;
    }
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Writing: header, one segment, symbols; contents; relocations; symbols; names
//===----------------------------------------------------------------------===//

template <typename T> static void append(std::string &bytes, const T &value) {
  bytes.append(reinterpret_cast<const char *>(&value), sizeof value);
}

static void writeSection(llvm::raw_ostream &os, const OutputSection &section) {
  uint64_t written = 0;
  for (auto [offset, bytes] : section.pieces) {
    os.write_zeros(static_cast<unsigned>(offset - written)); // the gap that alignment leaves
    uint64_t at = offset;
    for (auto next = section.addresses.lower_bound(offset);
         next != section.addresses.end() && next->first < offset + bytes.size(); ++next) {
      os << bytes.substr(at - offset, next->first - at);
      os.write(reinterpret_cast<const char *>(&next->second), sizeof next->second);
      at = next->first + sizeof next->second;
    }
    os << bytes.substr(at - offset);
    written = offset + bytes.size();
  }
}

void Merger::write(llvm::raw_ostream &os) const {
  segment_command_64 segment = {};
  segment.cmd = LC_SEGMENT_64;
  segment.cmdsize = static_cast<uint32_t>(sizeof segment + outputs.size() * sizeof(section_64));
  segment.nsects = static_cast<uint32_t>(outputs.size());
  segment.maxprot = segment.initprot = 7;
  symtab_command symtab = {};
  symtab.cmd = LC_SYMTAB;
  symtab.cmdsize = sizeof symtab;
  dysymtab_command dysymtab = {};
  dysymtab.cmd = LC_DYSYMTAB;
  dysymtab.cmdsize = sizeof dysymtab;
  mach_header_64 head = header;
  head.ncmds = 3;
  head.sizeofcmds = segment.cmdsize + symtab.cmdsize + dysymtab.cmdsize;

  // Addresses begin at 0, so a place in the file is an address plus where they begin.
  uint64_t align = 8, end = 0;
  for (const OutputSection &section : outputs)
    if (!section.isZeroFill()) {
      align = std::max(align, uint64_t(1) << section.header.align);
      end = section.header.addr + section.header.size;
    }
  const uint64_t begin = llvm::alignTo(sizeof head + head.sizeofcmds, align);
  segment.fileoff = begin;
  segment.filesize = end;
  segment.vmsize = outputs.empty() ? 0 : outputs.back().header.addr + outputs.back().header.size;

  uint64_t next = llvm::alignTo(begin + end, 8);
  std::vector<section_64> headers;
  for (const OutputSection &section : outputs) {
    section_64 &made = headers.emplace_back(section.header);
    made.offset = section.isZeroFill() ? 0 : static_cast<uint32_t>(begin + made.addr);
    made.nreloc = static_cast<uint32_t>(section.relocations.size());
    made.reloff = made.nreloc ? static_cast<uint32_t>(next) : 0;
    next += made.nreloc * sizeof(relocation_info);
  }
  std::string names(1, '\0');
  symtab.symoff = static_cast<uint32_t>(llvm::alignTo(next, 8));
  symtab.nsyms = static_cast<uint32_t>(locals.size() + globals.size() + undefined.size());
  symtab.stroff = symtab.symoff + symtab.nsyms * static_cast<uint32_t>(sizeof(nlist_64));
  dysymtab.nlocalsym = dysymtab.iextdefsym = static_cast<uint32_t>(locals.size());
  dysymtab.nextdefsym = static_cast<uint32_t>(globals.size());
  dysymtab.iundefsym = dysymtab.iextdefsym + dysymtab.nextdefsym;
  dysymtab.nundefsym = static_cast<uint32_t>(undefined.size());

  std::string symbols;
  for (const std::vector<Symbol> *group : {&locals, &globals, &undefined})
    for (const Symbol &symbol : *group) {
      nlist_64 entry = symbol.entry;
      entry.n_strx = static_cast<uint32_t>(names.size());
      names.append(symbol.name.c_str(), symbol.name.size() + 1);
      append(symbols, entry);
    }
  names.resize(llvm::alignTo(names.size(), 8));
  symtab.strsize = static_cast<uint32_t>(names.size());

  std::string front;
  append(front, head);
  append(front, segment);
  for (const section_64 &section : headers)
    append(front, section);
  append(front, symtab);
  append(front, dysymtab);
  const uint64_t start = os.tell();
  const auto padTo = [&](uint64_t place) {
    os.write_zeros(static_cast<unsigned>(place - (os.tell() - start)));
  };
  os << front;
  for (const OutputSection &section : outputs)
    if (!section.isZeroFill()) {
      padTo(begin + section.header.addr);
      writeSection(os, section);
    }
  padTo(llvm::alignTo(begin + end, 8));
  for (const OutputSection &section : outputs)
    os.write(reinterpret_cast<const char *>(section.relocations.data()),
             section.relocations.size() * sizeof(relocation_info));
  padTo(symtab.symoff);
  os << symbols << names;
}

llvm::Error ingot::mergeMachO(llvm::ArrayRef<std::string> objects, llvm::StringRef output,
                              llvm::function_ref<bool(llvm::StringRef)> keepGlobal) {
  Merger merger(keepGlobal);
  for (const std::string &object : objects)
    if (llvm::Error error = merger.read(object))
      return error;
  merger.placeSections();
  if (llvm::Error error = merger.mergeSymbols())
    return error;
  if (llvm::Error error = merger.moveContents())
    return error;
  std::error_code status;
  llvm::raw_fd_ostream os(output, status);
  if (status)
    return systemError("create", output, status.value());
  merger.write(os);
  os.close();
  if (os.has_error()) {
    status = os.error();
    os.clear_error();
    return systemError("write", output, status.value());
  }
  return llvm::Error::success();
}
