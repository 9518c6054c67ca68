#pragma once
#pragma GCC system_header  // no warnings

// Generated from core/wire/ksy/join_group_response.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/kaitai/kaitaistruct.h"
#include <cstdint>
#include "core/wire/kaitai/kafka_types.h"

#if KAITAI_STRUCT_VERSION < 11000L
#error "Incompatible Kaitai Struct C++/STL API: version 0.11 or later is required"
#endif
namespace millrace::wire {

    /**
     * The new generation; its leader also gets the members.
     */

    class join_group_response_t : public kaitai::kstruct {

    public:
        class member_t;

        join_group_response_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent = nullptr, join_group_response_t* p__root = nullptr);

    private:
        void _read();
        void _clean_up();

    public:
        ~join_group_response_t();

        class member_t : public kaitai::kstruct {

        public:

            member_t(kaitai::kstream* p__io, join_group_response_t* p__parent = nullptr, join_group_response_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~member_t();

        private:
            kaitai::ref<kafka_types_t::text_t> m_member_id;
            kaitai::ref<kafka_types_t::text_t> m_group_instance_id;

        private:
            kaitai::ref<kafka_types_t::binary_t> m_metadata;
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            join_group_response_t* m__root;
            join_group_response_t* m__parent;

        public:
            kafka_types_t::text_t* member_id() const { return m_member_id.get(); }
            kafka_types_t::text_t* group_instance_id() const { return m_group_instance_id.get(); }
            kafka_types_t::binary_t* metadata() const { return m_metadata.get(); }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            join_group_response_t* _root() const { return m__root; }
            join_group_response_t* _parent() const { return m__parent; }
        };

    private:
        bool f_flexible = false;
        bool m_flexible = false;

    public:
        bool flexible();

    private:
        bool f_skip_assignment = false;
        bool m_skip_assignment = false;

    public:
        bool skip_assignment();

    private:
        int32_t m_throttle_time_ms = 0;

    private:
        int16_t m_error = 0;
        int32_t m_generation_id = 0;
        kaitai::ref<kafka_types_t::text_t> m_protocol_type;

    private:
        kaitai::ref<kafka_types_t::text_t> m_protocol_name;
        kaitai::ref<kafka_types_t::text_t> m_leader;
        int8_t m_skip_assignment_byte = 0;

    private:
        kaitai::ref<kafka_types_t::text_t> m_member_id;
        kaitai::ref<kafka_types_t::count_t> m_num_members;
        kaitai::ref<kaitai::vec<kaitai::ref<member_t>>> m_members;
        kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

    private:
        kaitai::bytes_view m_end;
        int16_t m_version = 0;
        join_group_response_t* m__root;
        kaitai::kstruct* m__parent;

    public:
        int32_t throttle_time_ms() const { return m_throttle_time_ms; }
        int16_t error() const { return m_error; }
        int32_t generation_id() const { return m_generation_id; }
        kafka_types_t::text_t* protocol_type() const { return m_protocol_type.get(); }
        kafka_types_t::text_t* protocol_name() const { return m_protocol_name.get(); }
        kafka_types_t::text_t* leader() const { return m_leader.get(); }
        int8_t skip_assignment_byte() const { return m_skip_assignment_byte; }
        kafka_types_t::text_t* member_id() const { return m_member_id.get(); }
        kafka_types_t::count_t* num_members() const { return m_num_members.get(); }
        kaitai::vec<kaitai::ref<member_t>>* members() const { return m_members.get(); }
        kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
        kaitai::bytes_view end() const { return m_end; }
        int16_t version() const { return m_version; }
        join_group_response_t* _root() const { return m__root; }
        kaitai::kstruct* _parent() const { return m__parent; }
    };
}
