#pragma once
#pragma GCC system_header  // no warnings

// Generated from core/wire/ksy/record_batch.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/kaitai/kaitaistruct.h"
#include <cstdint>

#if KAITAI_STRUCT_VERSION < 11000L
#error "Incompatible Kaitai Struct C++/STL API: version 0.11 or later is required"
#endif
namespace millrace::wire {

    /**
     * The 61 bytes in front of a batch's records; the records stay as they are.
     */

    class record_batch_t : public kaitai::kstruct {

    public:

        record_batch_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent = nullptr, record_batch_t* p__root = nullptr);

    private:
        void _read();
        void _clean_up();

    public:
        ~record_batch_t();

    private:
        bool f_compression = false;
        int32_t m_compression = 0;

    public:
        int32_t compression();

    private:
        bool f_is_control = false;
        bool m_is_control = false;

    public:
        bool is_control();

    private:
        bool f_is_log_append_time = false;
        bool m_is_log_append_time = false;

    public:
        bool is_log_append_time();

    private:
        bool f_is_transactional = false;
        bool m_is_transactional = false;

    public:
        bool is_transactional();

    private:
        int64_t m_base_offset = 0;
        int32_t m_batch_length = 0;
        int32_t m_partition_leader_epoch = 0;
        int8_t m_magic = 0;
        uint32_t m_crc = 0;
        int16_t m_attributes = 0;
        int32_t m_last_offset_delta = 0;
        int64_t m_base_timestamp = 0;
        int64_t m_max_timestamp = 0;
        int64_t m_producer_id = 0;
        int16_t m_producer_epoch = 0;
        int32_t m_base_sequence = 0;
        int32_t m_records_count = 0;
        kaitai::bytes_view m_records;
        int16_t m_version = 0;
        record_batch_t* m__root;
        kaitai::kstruct* m__parent;

    public:
        int64_t base_offset() const { return m_base_offset; }
        int32_t batch_length() const { return m_batch_length; }
        int32_t partition_leader_epoch() const { return m_partition_leader_epoch; }
        int8_t magic() const { return m_magic; }
        uint32_t crc() const { return m_crc; }
        int16_t attributes() const { return m_attributes; }
        int32_t last_offset_delta() const { return m_last_offset_delta; }
        int64_t base_timestamp() const { return m_base_timestamp; }
        int64_t max_timestamp() const { return m_max_timestamp; }
        int64_t producer_id() const { return m_producer_id; }
        int16_t producer_epoch() const { return m_producer_epoch; }
        int32_t base_sequence() const { return m_base_sequence; }
        int32_t records_count() const { return m_records_count; }
        kaitai::bytes_view records() const { return m_records; }
        int16_t version() const { return m_version; }
        record_batch_t* _root() const { return m__root; }
        kaitai::kstruct* _parent() const { return m__parent; }
    };
}
