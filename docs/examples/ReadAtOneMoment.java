import static java.nio.charset.StandardCharsets.UTF_8;

import io.cleave.Cursor;
import io.cleave.SegmentIndex;
import io.cleave.SegmentStore;
import io.cleave.Snapshot;
import java.nio.file.Path;

/** A snapshot shows all indexes as they were at one moment, however much is written meanwhile. */
class ReadAtOneMoment {
    public static void main(String[] arguments) {
        try (SegmentStore store = SegmentStore.open(Path.of(arguments[0]))) {
            SegmentIndex stock = store.index("stock");
            stock.put(bytes("apples"), bytes("3"));
            try (Snapshot before = store.snapshot()) {
                stock.put(bytes("apples"), bytes("2"));
                stock.put(bytes("pears"), bytes("7"));
                try (Cursor cursor = before.cursor(stock)) {
                    while (cursor.next()) {
                        System.out.println("before: " + UTF_8.decode(cursor.key()) + " " + UTF_8.decode(cursor.value()));
                    }
                }
            }
            System.out.println("now: apples " + new String(stock.get(bytes("apples")), UTF_8));
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
// Prints:
// before: apples 3
// now: apples 2
