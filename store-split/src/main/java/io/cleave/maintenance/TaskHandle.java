package io.cleave.maintenance;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** A queued task as its requester sees it: something to wait for, or to be told the end of. Thread-safe. */
public final class TaskHandle {
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    TaskHandle() {}

    /** Has {@code listener} told the end: null, or what the task threw. At once if it has ended. */
    public void onEnd(Consumer<Throwable> listener) {
        CompletableFuture<Void> told = ended.whenComplete((nothing, thrown) -> listener.accept(thrown));
        assert told != ended;
    }

    void end(Throwable thrown) {
        if (thrown == null) {
            ended.complete(null);
        } else {
            ended.completeExceptionally(thrown);
        }
    }

    /** Waits for the end; throws a {@link java.util.concurrent.CompletionException} with what the task threw. */
    void join() {
        ended.join();
    }
}
