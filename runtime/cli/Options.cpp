#include "Options.h"

#include "Cli.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

namespace ingot::cli {

namespace {

class Parser {
public:
  Parser(const Option *options, size_t count, const char *usage, Positional positional)
      : options(options), count(count), usage(usage), positional(positional) {}

  Parsed parse(int argc, char **argv);

private:
  const Option *findLong(const char *name, size_t length) const;
  const Option *findShort(char name) const;
  bool setValue(const Option &option, const char *spelled, const char *text);
  bool setIntegers(const Option &option, const char *spelled, const char *text);
  bool takePositional(const char *text);
  void printHelp() const;

  const Option *options;
  size_t count;
  const char *usage;
  Positional positional;
};

// Whole numbers only, as a person writes them: "8", "-1".
bool readInteger(const char *text, const char *&end, int64_t &value) {
  char *stop = nullptr;
  errno = 0;
  value = strtoll(text, &stop, 10);
  end = stop;
  return stop != text && errno == 0 && text[0] != ' ' && text[0] != '+';
}

bool complainOfRange(const Option &option, const char *spelled, const char *text,
                     const char *kind) {
  (void)fail(exitUsage, "option '%s' is '%s', expected %s from %.15g to %.15g", spelled, text, kind,
             option.least, option.most);
  return false;
}

const Option *Parser::findLong(const char *name, size_t length) const {
  for (size_t i = 0; i < count; ++i)
    if (options[i].longName && strlen(options[i].longName) == length &&
        memcmp(options[i].longName, name, length) == 0)
      return &options[i];
  return nullptr;
}

const Option *Parser::findShort(char name) const {
  for (size_t i = 0; i < count; ++i)
    if (options[i].shortName == name)
      return &options[i];
  return nullptr;
}

bool Parser::setIntegers(const Option &option, const char *spelled, const char *text) {
  IntegerList &list = *static_cast<IntegerList *>(option.value);
  (void)list.resize(0);
  for (const char *at = text;; ++at) {
    int64_t value = 0;
    if (!readInteger(at, at, value) || (*at != ',' && *at != 0) || value < option.least ||
        value > option.most)
      return complainOfRange(option, spelled, text, "whole numbers with commas between them, each");
    if (!list.push(value))
      return fail(exitFailed, "out of memory") == exitDone;
    if (*at == 0)
      return true;
  }
}

bool Parser::setValue(const Option &option, const char *spelled, const char *text) {
  if (option.given)
    *option.given = true;
  switch (option.kind) {
  case Option::Flag:
    *static_cast<bool *>(option.value) = true;
    return true;
  case Option::Text:
    *static_cast<const char **>(option.value) = text;
    return true;
  case Option::Integer: {
    const char *end;
    int64_t value = 0;
    if (!readInteger(text, end, value) || *end != 0 || value < option.least ||
        static_cast<double>(value) > option.most)
      return complainOfRange(option, spelled, text, "a whole number");
    *static_cast<int64_t *>(option.value) = value;
    return true;
  }
  case Option::Real: {
    char *end = nullptr;
    double value = strtod(text, &end);
    // Written so that NaN is out of range.
    if (end == text || *end != 0 || !(value >= option.least && value <= option.most))
      return complainOfRange(option, spelled, text, "a number");
    *static_cast<double *>(option.value) = value;
    return true;
  }
  case Option::Integers:
    return setIntegers(option, spelled, text);
  }
  return false;
}

bool Parser::takePositional(const char *text) {
  if (!positional.value || *positional.value) {
    (void)fail(exitUsage, "unexpected argument '%s'", text);
    return false;
  }
  *positional.value = text;
  return true;
}

void Parser::printHelp() const {
  printf("usage: %s\n\noptions:\n", usage);
  for (size_t i = 0; i < count; ++i) {
    const Option &option = options[i];
    if (!option.help)
      continue;
    char left[64];
    int at = option.shortName ? snprintf(left, sizeof left, "-%c", option.shortName) : 0;
    if (option.longName)
      at += snprintf(left + at, sizeof left - static_cast<size_t>(at), "%s--%s",
                     option.shortName ? ", " : "", option.longName);
    if (option.valueName)
      snprintf(left + at, sizeof left - static_cast<size_t>(at), " %s", option.valueName);
    printf("  %-22s %s\n", left, option.help);
  }
  printf("  %-22s %s\n", "-h, --help", "print this and end");
  printf("  %-22s %s\n", "--version", "print the version and how the model was compiled");
}

Parsed Parser::parse(int argc, char **argv) {
  const Parsed mistake = {true, exitUsage};
  bool optionsEnded = false;
  for (int i = 0; i < argc; ++i) {
    char *word = argv[i];
    if (optionsEnded || word[0] != '-' || word[1] == 0) {
      if (!takePositional(word))
        return mistake;
      continue;
    }
    if (strcmp(word, "--") == 0) {
      optionsEnded = true;
      continue;
    }
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
      printHelp();
      return {true, fflush(stdout) == 0 ? exitDone : exitFailed};
    }
    if (strcmp(word, "--version") == 0) {
      const ingot_model *model = ingot_cli_model();
      printf("%s (Ingot %u.%u.%u)\n%s\n", ingot_model_name(model), ingot_version() >> 16,
             ingot_version() >> 8 & 0xff, ingot_version() & 0xff, ingot_model_banner(model));
      return {true, fflush(stdout) == 0 ? exitDone : exitFailed};
    }

    const bool isLong = word[1] == '-';
    char *value = isLong ? strchr(word, '=') : nullptr;
    const size_t nameLength = value ? static_cast<size_t>(value - word) - 2 : strlen(word) - 2;
    const Option *option = isLong ? findLong(word + 2, nameLength) : findShort(word[1]);
    if (!option)
      return {true, fail(exitUsage, "unknown option '%s', see --help", word)};
    char spelled[64];
    snprintf(spelled, sizeof spelled, "%.*s", isLong ? static_cast<int>(nameLength) + 2 : 2, word);

    if (value)
      ++value; // behind the '='
    else if (!isLong && word[2] != 0)
      value = word + 2;
    if (option->kind == Option::Flag && value)
      return {true, fail(exitUsage, "option '%s' takes no value", spelled)};
    if (option->kind != Option::Flag && !value) {
      if (i + 1 == argc)
        return {true, fail(exitUsage, "option '%s' needs a value", spelled)};
      value = argv[++i];
    }
    if (!setValue(*option, spelled, value))
      return mistake;
  }
  return {false, exitDone};
}

} // namespace

Parsed parseOptions(int argc, char **argv, const Option *options, size_t count, const char *usage,
                    Positional positional) {
  return Parser(options, count, usage, positional).parse(argc, argv);
}

} // namespace ingot::cli
