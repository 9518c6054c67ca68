// The base of every generated reader.
#pragma once

#include "core/wire/kaitai/kaitaistream.h"

namespace millrace::wire::kaitai {

/// Lies in the arena of the stream that made it; its destructor never runs.
class kstruct {
  public:
    explicit kstruct(kstream* io) : m__io(io) {}

    [[nodiscard]] kstream* _io() const { return m__io; }
    static void* operator new(std::size_t size) { return kstream::current()->allocate(size); }
    static void operator delete(void* /*memory*/) {}

  protected:
    kstream* m__io;  // the name that generated code uses; only good while it reads
};

}  // namespace millrace::wire::kaitai
