package io.cleave.maintenance;

/**
 * What a task is about. Equal keys are the same work; equal groups never run at the same time.
 *
 * @param kind what is done
 * @param indexId index it is done to
 * @param segmentId segment it is done to, 0 for none
 */
public record TaskKey(TaskKind kind, int indexId, long segmentId) {
    /**
     * A segment, or something else that one task at a time works on.
     *
     * @param indexId the index
     * @param segmentId the segment, 0 for none
     * @param kind the kind of work when there is no segment, else null
     */
    record Group(int indexId, long segmentId, TaskKind kind) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Group that
                    && indexId == that.indexId
                    && segmentId == that.segmentId
                    && kind == that.kind;
        }

        @Override
        public int hashCode() {
            return 31 * Long.hashCode(segmentId) + indexId;
        }
    }

    Group group() {
        return new Group(indexId, segmentId, segmentId == 0 ? kind : null);
    }

    /** By hand, as that of {@link Group}: the equality that the compiler makes leaves its class in a cache of the JDK (ADR 0035). */
    @Override
    public boolean equals(Object other) {
        return other instanceof TaskKey that
                && kind == that.kind
                && indexId == that.indexId
                && segmentId == that.segmentId;
    }

    @Override
    public int hashCode() {
        return 31 * (31 * kind.hashCode() + indexId) + Long.hashCode(segmentId);
    }
}
