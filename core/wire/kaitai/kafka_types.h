// The leaves of every message: what core/wire/ksy/kafka_types.ksy specifies, written by hand. The
// generated class would take three objects and a virtual table for each string.
#pragma once

#include "core/wire/kaitai/kaitaistruct.h"

namespace millrace::wire {

class kafka_types_t {
  public:
    /// In the arena, as kstruct, but without its pointer to the stream.
    class leaf_t {
      public:
        static void* operator new(std::size_t size) {
            return kaitai::kstream::current()->allocate(size);
        }
        static void operator delete(void* /*memory*/) {}
    };

    /// A string that may be null.
    class text_t : public leaf_t {
      public:
        text_t(bool flexible, bool nullable, kaitai::kstream* io) {
            const std::int64_t size = flexible ? std::int64_t{io->read_unsigned_varint()} - 1
                                               : std::int64_t{io->read_s2be()};
            if (size >= 0) {
                data_ = io->read_bytes(size);
            } else if (size != -1 || !nullable) {
                kaitai::throw_invalid("a string is null or has a negative length");
            }
        }
        [[nodiscard]] bool is_null() const { return data_.data() == nullptr; }
        /// Empty when null.
        [[nodiscard]] kaitai::bytes_view data() const { return data_; }

      private:
        kaitai::bytes_view data_;
    };

    /// Bytes that may be null.
    class binary_t : public leaf_t {
      public:
        binary_t(bool flexible, bool nullable, kaitai::kstream* io) {
            const std::int64_t size = flexible ? std::int64_t{io->read_unsigned_varint()} - 1
                                               : std::int64_t{io->read_s4be()};
            if (size >= 0) {
                data_ = io->read_opaque(size);
            } else if (size != -1 || !nullable) {
                kaitai::throw_invalid("bytes are null or have a negative length");
            }
        }
        [[nodiscard]] bool is_null() const { return data_.data() == nullptr; }
        /// Empty when null.
        [[nodiscard]] kaitai::bytes_view data() const { return data_; }

      private:
        kaitai::bytes_view data_;
    };

    /// Elements of an array; -1 is a null array.
    class count_t : public leaf_t {
      public:
        count_t(bool flexible, bool nullable, kaitai::kstream* io) {
            const std::int64_t value = flexible ? std::int64_t{io->read_unsigned_varint()} - 1
                                                : std::int64_t{io->read_s4be()};
            if (value > static_cast<std::int64_t>(io->remaining())) {
                kaitai::throw_end_of_bytes();
            }
            if (value < -1 || (value == -1 && !nullable)) {
                kaitai::throw_invalid("an array is null or has a negative count");
            }
            value_ = static_cast<std::int32_t>(value);
        }
        [[nodiscard]] std::int32_t value() const { return value_; }

      private:
        std::int32_t value_ = 0;
    };

    /// Skipped, not kept: all of them are one and the same empty object.
    class tagged_fields_t {
      public:
        static void* operator new(std::size_t /*size*/) {
            static std::byte nothing;
            return &nothing;
        }
        static void operator delete(void* /*memory*/) {}
        explicit tagged_fields_t(kaitai::kstream* io) {
            const std::uint32_t fields = io->read_unsigned_varint();
            for (std::uint32_t i = 0; i < fields; ++i) {
                io->read_unsigned_varint();  // the tag
                io->read_bytes(io->read_unsigned_varint());
            }
        }
    };
};

}  // namespace millrace::wire
