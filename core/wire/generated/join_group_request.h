#pragma once
#pragma GCC system_header  // no warnings

// Generated from core/wire/ksy/join_group_request.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/kaitai/kaitaistruct.h"
#include <cstdint>
#include "core/wire/kaitai/kafka_types.h"

#if KAITAI_STRUCT_VERSION < 11000L
#error "Incompatible Kaitai Struct C++/STL API: version 0.11 or later is required"
#endif
namespace millrace::wire {

    /**
     * A member that wants to join a consumer group, with the protocols it speaks.
     */

    class join_group_request_t : public kaitai::kstruct {

    public:
        class protocol_t;

        join_group_request_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent = nullptr, join_group_request_t* p__root = nullptr);

    private:
        void _read();
        void _clean_up();

    public:
        ~join_group_request_t();

        class protocol_t : public kaitai::kstruct {

        public:

            protocol_t(kaitai::kstream* p__io, join_group_request_t* p__parent = nullptr, join_group_request_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~protocol_t();

        private:
            kaitai::ref<kafka_types_t::text_t> m_name;
            kaitai::ref<kafka_types_t::binary_t> m_metadata;
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            join_group_request_t* m__root;
            join_group_request_t* m__parent;

        public:
            kafka_types_t::text_t* name() const { return m_name.get(); }
            kafka_types_t::binary_t* metadata() const { return m_metadata.get(); }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            join_group_request_t* _root() const { return m__root; }
            join_group_request_t* _parent() const { return m__parent; }
        };

    private:
        bool f_flexible = false;
        bool m_flexible = false;

    public:
        bool flexible();

    private:
        kaitai::ref<kafka_types_t::text_t> m_group_id;
        int32_t m_session_timeout_ms = 0;
        int32_t m_rebalance_timeout_ms = -1;

    private:
        kaitai::ref<kafka_types_t::text_t> m_member_id;
        kaitai::ref<kafka_types_t::text_t> m_group_instance_id;

    private:
        kaitai::ref<kafka_types_t::text_t> m_protocol_type;
        kaitai::ref<kafka_types_t::count_t> m_num_protocols;
        kaitai::ref<kaitai::vec<kaitai::ref<protocol_t>>> m_protocols;
        kaitai::ref<kafka_types_t::text_t> m_reason;

    private:
        kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

    private:
        kaitai::bytes_view m_end;
        int16_t m_version = 0;
        join_group_request_t* m__root;
        kaitai::kstruct* m__parent;

    public:
        kafka_types_t::text_t* group_id() const { return m_group_id.get(); }
        int32_t session_timeout_ms() const { return m_session_timeout_ms; }
        int32_t rebalance_timeout_ms() const { return m_rebalance_timeout_ms; }
        kafka_types_t::text_t* member_id() const { return m_member_id.get(); }
        kafka_types_t::text_t* group_instance_id() const { return m_group_instance_id.get(); }
        kafka_types_t::text_t* protocol_type() const { return m_protocol_type.get(); }
        kafka_types_t::count_t* num_protocols() const { return m_num_protocols.get(); }
        kaitai::vec<kaitai::ref<protocol_t>>* protocols() const { return m_protocols.get(); }
        kafka_types_t::text_t* reason() const { return m_reason.get(); }
        kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
        kaitai::bytes_view end() const { return m_end; }
        int16_t version() const { return m_version; }
        join_group_request_t* _root() const { return m__root; }
        kaitai::kstruct* _parent() const { return m__parent; }
    };
}
