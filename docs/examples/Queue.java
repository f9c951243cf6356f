import static java.nio.charset.StandardCharsets.UTF_8;

import io.cleave.Cursor;
import io.cleave.KeyRange;
import io.cleave.SegmentIndex;
import io.cleave.SegmentStore;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** A queue that survives a restart: keys are numbers, the first key is the head. One thread adds, one takes. */
class Queue {
    private final SegmentIndex index;
    private long next;

    Queue(SegmentIndex index) {
        this.index = index;
        try (Cursor last = index.cursor(KeyRange.all().descending())) {
            next = last.next() ? last.key().getLong() + 1 : 0;
        }
    }

    void add(String message) {
        index.put(ByteBuffer.allocate(Long.BYTES).putLong(next++).array(), message.getBytes(UTF_8));
    }

    /** The oldest message, or null. */
    String take() {
        try (Cursor cursor = index.cursor()) {
            if (!cursor.next()) {
                return null;
            }
            String message = UTF_8.decode(cursor.value()).toString();
            index.delete(cursor.keyBytes());
            return message;
        }
    }

    public static void main(String[] arguments) {
        Path directory = Path.of(arguments[0]);
        try (SegmentStore store = SegmentStore.open(directory)) {
            Queue queue = new Queue(store.index("queue"));
            queue.add("one");
            queue.add("two");
            System.out.println(queue.take());
        }
        try (SegmentStore store = SegmentStore.open(directory)) {
            Queue queue = new Queue(store.index("queue"));
            queue.add("three");
            System.out.println(queue.take());
            System.out.println(queue.take());
            System.out.println(queue.take());
        }
    }
}
// Prints:
// one
// two
// three
// null
