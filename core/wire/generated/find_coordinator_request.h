#pragma once
#pragma GCC system_header  // no warnings

// Generated from core/wire/ksy/find_coordinator_request.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/kaitai/kaitaistruct.h"
#include <cstdint>
#include "core/wire/kaitai/kafka_types.h"

#if KAITAI_STRUCT_VERSION < 11000L
#error "Incompatible Kaitai Struct C++/STL API: version 0.11 or later is required"
#endif
namespace millrace::wire {

    /**
     * Groups or transactional ids whose coordinator is looked for.
     */

    class find_coordinator_request_t : public kaitai::kstruct {

    public:

        find_coordinator_request_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent = nullptr, find_coordinator_request_t* p__root = nullptr);

    private:
        void _read();
        void _clean_up();

    public:
        ~find_coordinator_request_t();

    private:
        bool f_flexible = false;
        bool m_flexible = false;

    public:
        bool flexible();

    private:
        kaitai::ref<kafka_types_t::text_t> m_key;

    private:
        int8_t m_key_type = 0;

    private:
        kaitai::ref<kafka_types_t::count_t> m_num_coordinator_keys;

    private:
        kaitai::ref<kaitai::vec<kaitai::ref<kafka_types_t::text_t>>> m_coordinator_keys;

    private:
        kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

    private:
        kaitai::bytes_view m_end;
        int16_t m_version = 0;
        find_coordinator_request_t* m__root;
        kaitai::kstruct* m__parent;

    public:
        kafka_types_t::text_t* key() const { return m_key.get(); }
        int8_t key_type() const { return m_key_type; }
        kafka_types_t::count_t* num_coordinator_keys() const { return m_num_coordinator_keys.get(); }
        kaitai::vec<kaitai::ref<kafka_types_t::text_t>>* coordinator_keys() const { return m_coordinator_keys.get(); }
        kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
        kaitai::bytes_view end() const { return m_end; }
        int16_t version() const { return m_version; }
        find_coordinator_request_t* _root() const { return m__root; }
        kaitai::kstruct* _parent() const { return m__parent; }
    };
}
