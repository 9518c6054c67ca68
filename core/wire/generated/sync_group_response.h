#pragma once
#pragma GCC system_header  // no warnings

// Generated from core/wire/ksy/sync_group_response.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/kaitai/kaitaistruct.h"
#include <cstdint>
#include "core/wire/kaitai/kafka_types.h"

#if KAITAI_STRUCT_VERSION < 11000L
#error "Incompatible Kaitai Struct C++/STL API: version 0.11 or later is required"
#endif
namespace millrace::wire {

    /**
     * The assignment of one member.
     */

    class sync_group_response_t : public kaitai::kstruct {

    public:

        sync_group_response_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent = nullptr, sync_group_response_t* p__root = nullptr);

    private:
        void _read();
        void _clean_up();

    public:
        ~sync_group_response_t();

    private:
        bool f_flexible = false;
        bool m_flexible = false;

    public:
        bool flexible();

    private:
        int32_t m_throttle_time_ms = 0;

    private:
        int16_t m_error = 0;
        kaitai::ref<kafka_types_t::text_t> m_protocol_type;

    private:
        kaitai::ref<kafka_types_t::text_t> m_protocol_name;

    private:
        kaitai::ref<kafka_types_t::binary_t> m_assignment;
        kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

    private:
        kaitai::bytes_view m_end;
        int16_t m_version = 0;
        sync_group_response_t* m__root;
        kaitai::kstruct* m__parent;

    public:
        int32_t throttle_time_ms() const { return m_throttle_time_ms; }
        int16_t error() const { return m_error; }
        kafka_types_t::text_t* protocol_type() const { return m_protocol_type.get(); }
        kafka_types_t::text_t* protocol_name() const { return m_protocol_name.get(); }
        kafka_types_t::binary_t* assignment() const { return m_assignment.get(); }
        kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
        kaitai::bytes_view end() const { return m_end; }
        int16_t version() const { return m_version; }
        sync_group_response_t* _root() const { return m__root; }
        kaitai::kstruct* _parent() const { return m__parent; }
    };
}
