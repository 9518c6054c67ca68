#pragma once
#pragma GCC system_header  // no warnings

// Generated from core/wire/ksy/delete_groups_request.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/kaitai/kaitaistruct.h"
#include <cstdint>
#include "core/wire/kaitai/kafka_types.h"

#if KAITAI_STRUCT_VERSION < 11000L
#error "Incompatible Kaitai Struct C++/STL API: version 0.11 or later is required"
#endif
namespace millrace::wire {

    /**
     * Groups to delete.
     */

    class delete_groups_request_t : public kaitai::kstruct {

    public:

        delete_groups_request_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent = nullptr, delete_groups_request_t* p__root = nullptr);

    private:
        void _read();
        void _clean_up();

    public:
        ~delete_groups_request_t();

    private:
        bool f_flexible = false;
        bool m_flexible = false;

    public:
        bool flexible();

    private:
        kaitai::ref<kafka_types_t::count_t> m_num_groups_names;
        kaitai::ref<kaitai::vec<kaitai::ref<kafka_types_t::text_t>>> m_groups_names;
        kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

    private:
        kaitai::bytes_view m_end;
        int16_t m_version = 0;
        delete_groups_request_t* m__root;
        kaitai::kstruct* m__parent;

    public:
        kafka_types_t::count_t* num_groups_names() const { return m_num_groups_names.get(); }
        kaitai::vec<kaitai::ref<kafka_types_t::text_t>>* groups_names() const { return m_groups_names.get(); }
        kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
        kaitai::bytes_view end() const { return m_end; }
        int16_t version() const { return m_version; }
        delete_groups_request_t* _root() const { return m__root; }
        kaitai::kstruct* _parent() const { return m__parent; }
    };
}
