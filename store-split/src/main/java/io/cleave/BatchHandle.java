package io.cleave;

/** The mark of a batch that was neither committed nor closed. It holds nothing: a batch is memory of the heap. */
final class BatchHandle extends StoreHandle {
    BatchHandle(Object batch, StoreLeaks leaks) {
        super(batch, HandleKind.BATCH, leaks);
    }

    @Override
    void releaseForgotten() {
        // The collector has its memory back already.
    }

    @Override
    void cutOff() {
        // A batch of a closed store takes nothing and commits nothing.
    }
}
