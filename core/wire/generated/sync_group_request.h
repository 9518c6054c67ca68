#pragma once
#pragma GCC system_header  // no warnings

// Generated from core/wire/ksy/sync_group_request.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/kaitai/kaitaistruct.h"
#include <cstdint>
#include "core/wire/kaitai/kafka_types.h"

#if KAITAI_STRUCT_VERSION < 11000L
#error "Incompatible Kaitai Struct C++/STL API: version 0.11 or later is required"
#endif
namespace millrace::wire {

    /**
     * The leader hands in the assignments; the others ask for theirs.
     */

    class sync_group_request_t : public kaitai::kstruct {

    public:
        class assignment_t;

        sync_group_request_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent = nullptr, sync_group_request_t* p__root = nullptr);

    private:
        void _read();
        void _clean_up();

    public:
        ~sync_group_request_t();

        class assignment_t : public kaitai::kstruct {

        public:

            assignment_t(kaitai::kstream* p__io, sync_group_request_t* p__parent = nullptr, sync_group_request_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~assignment_t();

        private:
            kaitai::ref<kafka_types_t::text_t> m_member_id;
            kaitai::ref<kafka_types_t::binary_t> m_assignment;
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            sync_group_request_t* m__root;
            sync_group_request_t* m__parent;

        public:
            kafka_types_t::text_t* member_id() const { return m_member_id.get(); }
            kafka_types_t::binary_t* assignment() const { return m_assignment.get(); }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            sync_group_request_t* _root() const { return m__root; }
            sync_group_request_t* _parent() const { return m__parent; }
        };

    private:
        bool f_flexible = false;
        bool m_flexible = false;

    public:
        bool flexible();

    private:
        kaitai::ref<kafka_types_t::text_t> m_group_id;
        int32_t m_generation_id = 0;
        kaitai::ref<kafka_types_t::text_t> m_member_id;
        kaitai::ref<kafka_types_t::text_t> m_group_instance_id;

    private:
        kaitai::ref<kafka_types_t::text_t> m_protocol_type;

    private:
        kaitai::ref<kafka_types_t::text_t> m_protocol_name;

    private:
        kaitai::ref<kafka_types_t::count_t> m_num_assignments;
        kaitai::ref<kaitai::vec<kaitai::ref<assignment_t>>> m_assignments;
        kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

    private:
        kaitai::bytes_view m_end;
        int16_t m_version = 0;
        sync_group_request_t* m__root;
        kaitai::kstruct* m__parent;

    public:
        kafka_types_t::text_t* group_id() const { return m_group_id.get(); }
        int32_t generation_id() const { return m_generation_id; }
        kafka_types_t::text_t* member_id() const { return m_member_id.get(); }
        kafka_types_t::text_t* group_instance_id() const { return m_group_instance_id.get(); }
        kafka_types_t::text_t* protocol_type() const { return m_protocol_type.get(); }
        kafka_types_t::text_t* protocol_name() const { return m_protocol_name.get(); }
        kafka_types_t::count_t* num_assignments() const { return m_num_assignments.get(); }
        kaitai::vec<kaitai::ref<assignment_t>>* assignments() const { return m_assignments.get(); }
        kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
        kaitai::bytes_view end() const { return m_end; }
        int16_t version() const { return m_version; }
        sync_group_request_t* _root() const { return m__root; }
        kaitai::kstruct* _parent() const { return m__parent; }
    };
}
