#pragma once
#pragma GCC system_header  // no warnings

// Generated from core/wire/ksy/leave_group_request.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/kaitai/kaitaistruct.h"
#include <cstdint>
#include "core/wire/kaitai/kafka_types.h"

#if KAITAI_STRUCT_VERSION < 11000L
#error "Incompatible Kaitai Struct C++/STL API: version 0.11 or later is required"
#endif
namespace millrace::wire {

    /**
     * Members that leave a group.
     */

    class leave_group_request_t : public kaitai::kstruct {

    public:
        class member_t;

        leave_group_request_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent = nullptr, leave_group_request_t* p__root = nullptr);

    private:
        void _read();
        void _clean_up();

    public:
        ~leave_group_request_t();

        class member_t : public kaitai::kstruct {

        public:

            member_t(kaitai::kstream* p__io, leave_group_request_t* p__parent = nullptr, leave_group_request_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~member_t();

        private:
            kaitai::ref<kafka_types_t::text_t> m_member_id;
            kaitai::ref<kafka_types_t::text_t> m_group_instance_id;
            kaitai::ref<kafka_types_t::text_t> m_reason;

        private:
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            leave_group_request_t* m__root;
            leave_group_request_t* m__parent;

        public:
            kafka_types_t::text_t* member_id() const { return m_member_id.get(); }
            kafka_types_t::text_t* group_instance_id() const { return m_group_instance_id.get(); }
            kafka_types_t::text_t* reason() const { return m_reason.get(); }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            leave_group_request_t* _root() const { return m__root; }
            leave_group_request_t* _parent() const { return m__parent; }
        };

    private:
        bool f_flexible = false;
        bool m_flexible = false;

    public:
        bool flexible();

    private:
        kaitai::ref<kafka_types_t::text_t> m_group_id;
        kaitai::ref<kafka_types_t::text_t> m_member_id;

    private:
        kaitai::ref<kafka_types_t::count_t> m_num_members;

    private:
        kaitai::ref<kaitai::vec<kaitai::ref<member_t>>> m_members;

    private:
        kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

    private:
        kaitai::bytes_view m_end;
        int16_t m_version = 0;
        leave_group_request_t* m__root;
        kaitai::kstruct* m__parent;

    public:
        kafka_types_t::text_t* group_id() const { return m_group_id.get(); }
        kafka_types_t::text_t* member_id() const { return m_member_id.get(); }
        kafka_types_t::count_t* num_members() const { return m_num_members.get(); }
        kaitai::vec<kaitai::ref<member_t>>* members() const { return m_members.get(); }
        kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
        kaitai::bytes_view end() const { return m_end; }
        int16_t version() const { return m_version; }
        leave_group_request_t* _root() const { return m__root; }
        kaitai::kstruct* _parent() const { return m__parent; }
    };
}
