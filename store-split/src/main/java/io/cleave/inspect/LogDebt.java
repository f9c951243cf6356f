package io.cleave.inspect;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import io.cleave.log.LogFileInfo;
import io.cleave.log.LogInspection;
import io.cleave.log.LogRecord;
import io.cleave.log.LogRecordKind;
import io.cleave.log.OperationsDecoder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Operations that only the log holds: what a live writer has in its memtables, or a writer that was killed has left. Counted from files,
 * so beside a writer about. Reads the whole log. Belongs to one thread.
 */
public final class LogDebt {
    /** Nothing. */
    public static final LogDebt NONE = new LogDebt(List.of());

    private final Map<Integer, IndexLook> looks = new HashMap<>();
    private final Map<Integer, Long> operations = new HashMap<>();

    private LogDebt(List<IndexLook> indexes) {
        for (IndexLook look : indexes) {
            if (!look.segments().isEmpty()) {
                looks.put(look.segments().get(0).manifest().indexId(), look);
            }
        }
    }

    /** Counts; a file that goes meanwhile, or holds damage from somewhere on, counts as far as it can be read. */
    public static LogDebt of(Storage storage, List<LogFileInfo> log, List<IndexLook> indexes) {
        LogDebt debt = new LogDebt(indexes);
        for (LogFileInfo file : log) {
            try {
                LogInspection.records(storage, file, debt::count);
            } catch (StoreException.NotFound | StoreException.Corrupt | StoreException.Io e) {
                assert e.getMessage() != null;
            }
        }
        return debt;
    }

    /** Of one index. */
    public long operations(IndexLook index) {
        boolean none = index.segments().isEmpty();
        return none
                ? 0
                : operations.getOrDefault(index.segments().get(0).manifest().indexId(), 0L);
    }

    /** Of all indexes that were looked at. */
    public long operations() {
        return operations.values().stream().mapToLong(Long::longValue).sum();
    }

    private void count(LogRecord record) {
        if (record.kind() != LogRecordKind.DATA) {
            return;
        }
        OperationsDecoder operation = record.decoder();
        while (operation.next()) {
            IndexLook look = looks.get(operation.indexId());
            if (look != null
                    && operation.sequence()
                            > segment(look, operation.key()).manifest().flushedSequence()) {
                operations.merge(operation.indexId(), 1L, Long::sum);
            }
        }
    }

    /** The last segment that does not begin above a key. */
    private static SegmentLook segment(IndexLook look, byte[] key) {
        int low = 0;
        int high = look.segments().size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            byte[] lower = look.segments().get(middle).manifest().bounds().lower();
            if (lower == null || KeyOrder.compare(lower, key) <= 0) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return look.segments().get(low);
    }
}
