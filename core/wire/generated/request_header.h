#pragma once
#pragma GCC system_header  // no warnings

// Generated from core/wire/ksy/request_header.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/kaitai/kaitaistruct.h"
#include <cstdint>
#include "core/wire/kaitai/kafka_types.h"

#if KAITAI_STRUCT_VERSION < 11000L
#error "Incompatible Kaitai Struct C++/STL API: version 0.11 or later is required"
#endif
namespace millrace::wire {

    /**
     * What stands before the body of every request; version 2 belongs to flexible requests.
     */

    class request_header_t : public kaitai::kstruct {

    public:

        request_header_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent = nullptr, request_header_t* p__root = nullptr);

    private:
        void _read();
        void _clean_up();

    public:
        ~request_header_t();

    private:
        int16_t m_api_key = 0;
        int16_t m_api_version = 0;
        int32_t m_correlation_id = 0;
        kaitai::ref<kafka_types_t::text_t> m_client_id;

    private:
        kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

    private:
        int16_t m_version = 0;
        request_header_t* m__root;
        kaitai::kstruct* m__parent;

    public:
        int16_t api_key() const { return m_api_key; }
        int16_t api_version() const { return m_api_version; }
        int32_t correlation_id() const { return m_correlation_id; }
        kafka_types_t::text_t* client_id() const { return m_client_id.get(); }
        kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
        int16_t version() const { return m_version; }
        request_header_t* _root() const { return m__root; }
        kaitai::kstruct* _parent() const { return m__parent; }
    };
}
