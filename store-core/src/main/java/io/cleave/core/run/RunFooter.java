package io.cleave.core.run;

/**
 * The last bytes of a run, decoded: where its parts lie.
 *
 * @param indexOffset where the data ends and the sparse index starts
 * @param indexLength length of the sparse index with its checksum
 * @param filterOffset first filter page; the end of the index when there is no filter
 * @param filterLength length of all filter pages
 * @param propertiesOffset start of the properties
 * @param propertiesLength length of the properties with their checksum
 * @param sequenceBase the number that sequence numbers in entries are relative to
 * @param blocks data blocks
 * @param positions what a position in the point index means
 * @param fileBytes length of the file
 */
record RunFooter(
        long indexOffset,
        long indexLength,
        long filterOffset,
        long filterLength,
        long propertiesOffset,
        long propertiesLength,
        long sequenceBase,
        int blocks,
        PositionKind positions,
        long fileBytes) {
    /** What a position in the point index means. The codes stand on disk and are never used for anything else. */
    enum PositionKind {
        /** Ordinal of the data block that holds the key's newest version. */
        BLOCK_ORDINAL,
        /** File offset of the key's newest entry. */
        ENTRY_OFFSET;

        int code() {
            return this == BLOCK_ORDINAL ? 0 : 1;
        }

        /** The constant with a code that is known to be right. */
        static PositionKind ofCode(int code) {
            return code == 0 ? BLOCK_ORDINAL : ENTRY_OFFSET;
        }
    }
}
