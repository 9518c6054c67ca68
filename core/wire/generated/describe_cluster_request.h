#pragma once
#pragma GCC system_header  // no warnings

// Generated from core/wire/ksy/describe_cluster_request.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/kaitai/kaitaistruct.h"
#include <cstdint>
#include "core/wire/kaitai/kafka_types.h"

#if KAITAI_STRUCT_VERSION < 11000L
#error "Incompatible Kaitai Struct C++/STL API: version 0.11 or later is required"
#endif
namespace millrace::wire {

    /**
     * Asks for the brokers.
     */

    class describe_cluster_request_t : public kaitai::kstruct {

    public:

        describe_cluster_request_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent = nullptr, describe_cluster_request_t* p__root = nullptr);

    private:
        void _read();
        void _clean_up();

    public:
        ~describe_cluster_request_t();

    private:
        bool f_flexible = false;
        bool m_flexible = false;

    public:
        bool flexible();

    private:
        bool f_include_cluster_authorized_operations = false;
        bool m_include_cluster_authorized_operations = false;

    public:
        bool include_cluster_authorized_operations();

    private:
        int8_t m_include_cluster_authorized_operations_byte = 0;
        int8_t m_endpoint_type = 1;

    private:
        kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

    private:
        kaitai::bytes_view m_end;
        int16_t m_version = 0;
        describe_cluster_request_t* m__root;
        kaitai::kstruct* m__parent;

    public:
        int8_t include_cluster_authorized_operations_byte() const { return m_include_cluster_authorized_operations_byte; }
        int8_t endpoint_type() const { return m_endpoint_type; }
        kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
        kaitai::bytes_view end() const { return m_end; }
        int16_t version() const { return m_version; }
        describe_cluster_request_t* _root() const { return m__root; }
        kaitai::kstruct* _parent() const { return m__parent; }
    };
}
