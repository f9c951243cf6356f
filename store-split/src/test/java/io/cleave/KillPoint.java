package io.cleave;

import java.lang.StackWalker.StackFrame;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A place between two calls of the storage that change something on disk, at which {@link KillChild} is killed. A point is met
 * by a call of that name, on a path of the store that fits, made below a certain method.
 *
 * <p>Names follow docs/protocol. Points of recovery name another one: the kill there leaves what this one needs.
 */
enum KillPoint {
    FLUSH_LOG_FORCED(Moment.AFTER, "force", Names.LOG_FILE, Frames.FLUSH),
    FLUSH_RUN_CREATED(Moment.AFTER, "create", Names.RUN, Frames.FLUSH),
    FLUSH_RUN_WRITTEN(Moment.BEFORE, "force", Names.RUN, Frames.FLUSH),
    FLUSH_RUN_FORCED(Moment.AFTER, "force", Names.RUN, Frames.FLUSH),
    FLUSH_BEFORE_MANIFEST(Moment.BEFORE, "create", Names.MANIFEST_TEMPORARY, Frames.FLUSH),
    FLUSH_MANIFEST_CREATED(Moment.AFTER, "create", Names.MANIFEST_TEMPORARY, Frames.FLUSH),
    FLUSH_BEFORE_MANIFEST_RENAME(Moment.BEFORE, "rename", Names.MANIFEST, Frames.FLUSH),
    FLUSH_AFTER_MANIFEST_RENAME(Moment.AFTER, "rename", Names.MANIFEST, Frames.FLUSH),

    COMPACTION_RUN_CREATED(Moment.AFTER, "create", Names.RUN, Frames.COMPACTION),
    COMPACTION_RUN_FORCED(Moment.AFTER, "force", Names.RUN, Frames.COMPACTION),
    COMPACTION_BEFORE_MANIFEST_RENAME(Moment.BEFORE, "rename", Names.MANIFEST, Frames.COMPACTION),
    COMPACTION_AFTER_MANIFEST_RENAME(Moment.AFTER, "rename", Names.MANIFEST, Frames.COMPACTION),
    COMPACTION_BEFORE_DELETE(Moment.BEFORE, "delete", Names.RUN, Frames.RUN_RELEASE),
    COMPACTION_AFTER_DELETE(Moment.AFTER, "delete", Names.RUN, Frames.RUN_RELEASE),

    SPLIT_MARK_RAISED(Moment.AFTER, "rename", Names.SEGMENT_IDS, Frames.SPLIT),
    SPLIT_DIRECTORY_CREATED(Moment.AFTER, "createDirectory", Names.SEGMENT, Frames.SPLIT),
    SPLIT_RUN_CREATED(Moment.AFTER, "create", Names.RUN, Frames.SPLIT),
    SPLIT_RUN_FORCED(Moment.AFTER, "force", Names.RUN, Frames.SPLIT),
    SPLIT_BEFORE_MANIFEST_RENAME(Moment.BEFORE, "rename", Names.MANIFEST, Frames.SPLIT),
    SPLIT_CHILD_PUBLISHED(Moment.AFTER, "rename", Names.MANIFEST, Frames.SPLIT),
    SPLIT_LOG_FORCED(Moment.AFTER, "force", Names.LOG_FILE, Frames.SPLIT),
    SPLIT_BEFORE_KEY_MAP(Moment.BEFORE, "create", Names.KEY_MAP_TEMPORARY, Frames.SPLIT),
    SPLIT_BEFORE_KEY_MAP_RENAME(Moment.BEFORE, "rename", Names.KEY_MAP, Frames.SPLIT),
    SPLIT_AFTER_KEY_MAP_RENAME(Moment.AFTER, "rename", Names.KEY_MAP, Frames.SPLIT),
    SPLIT_BEFORE_DELETE(Moment.BEFORE, "delete", Names.SEGMENT_LOCK, Frames.SPLIT),
    SPLIT_MANIFEST_DELETED(Moment.AFTER, "delete", Names.MANIFEST, Frames.SPLIT),
    SPLIT_SEGMENT_DELETED(Moment.AFTER, "delete", Names.SEGMENT, Frames.SPLIT),

    MERGE_DIRECTORY_CREATED(Moment.AFTER, "createDirectory", Names.SEGMENT, Frames.MERGE),
    MERGE_CHILD_PUBLISHED(Moment.AFTER, "rename", Names.MANIFEST, Frames.MERGE),
    MERGE_BEFORE_KEY_MAP_RENAME(Moment.BEFORE, "rename", Names.KEY_MAP, Frames.MERGE),
    MERGE_AFTER_KEY_MAP_RENAME(Moment.AFTER, "rename", Names.KEY_MAP, Frames.MERGE),
    MERGE_SEGMENT_DELETED(Moment.AFTER, "delete", Names.SEGMENT, Frames.MERGE),

    CREATE_CATALOG_RENAMED(Moment.AFTER, "rename", Names.CATALOG, Frames.CREATE),
    CREATE_DIRECTORY_CREATED(Moment.AFTER, "createDirectory", Names.INDEX, Frames.CREATE),
    CREATE_BEFORE_KEY_MAP_RENAME(Moment.BEFORE, "rename", Names.KEY_MAP, Frames.CREATE),
    CREATE_AFTER_KEY_MAP_RENAME(Moment.AFTER, "rename", Names.KEY_MAP, Frames.CREATE),

    DROP_BEFORE_CATALOG_RENAME(Moment.BEFORE, "rename", Names.CATALOG, Frames.DROP),
    DROP_AFTER_CATALOG_RENAME(Moment.AFTER, "rename", Names.CATALOG, Frames.DROP),
    DROP_SEGMENT_DELETED(Moment.AFTER, "delete", Names.SEGMENT, Frames.DROP),
    DROP_KEY_MAP_DELETED(Moment.AFTER, "delete", Names.KEY_MAP, Frames.DROP),
    DROP_INDEX_DELETED(Moment.AFTER, "delete", Names.INDEX, Frames.DROP),

    LOG_BODY_WRITTEN(Moment.AFTER, "put", Names.LOG_FILE, Frames.APPEND),
    LOG_BEFORE_LENGTH(Moment.BEFORE, "putIntRelease", Names.LOG_FILE, Frames.APPEND),
    LOG_RECORD_WRITTEN(Moment.AFTER, "putIntRelease", Names.LOG_FILE, Frames.APPEND),
    LOG_FILE_CREATED(Moment.AFTER, "createWritable", Names.LOG_FILE, Frames.LOG_FILE),
    LOG_IDENTITY_WRITTEN(Moment.AFTER, "put", Names.LOG_FILE, Frames.LOG_FILE),
    LOG_FILE_NAMED(Moment.AFTER, "forceDirectory", Names.LOG, Frames.LOG_FILE),
    LOG_BEFORE_START(Moment.BEFORE, "put", Names.LOG_FILE, Frames.LOG_START),
    LOG_STARTED(Moment.AFTER, "put", Names.LOG_FILE, Frames.LOG_START),
    LOG_BEFORE_RELEASE(Moment.BEFORE, "delete", Names.LOG_FILE, Frames.LOG_RELEASE),
    LOG_RELEASED(Moment.AFTER, "delete", Names.LOG_FILE, Frames.LOG_RELEASE),

    RECOVERY_LOCKED(Moment.AFTER, "rename", Names.OWNER, Frames.OPEN, LOG_RECORD_WRITTEN),
    RECOVERY_INDEX_MANIFEST_DELETED(Moment.AFTER, "delete", Names.MANIFEST, Frames.OPEN, DROP_AFTER_CATALOG_RENAME),
    RECOVERY_INDEX_DELETED(Moment.AFTER, "delete", Names.INDEX, Frames.OPEN, DROP_SEGMENT_DELETED),
    RECOVERY_NEW_SEGMENT_DELETED(Moment.AFTER, "delete", Names.SEGMENT, Frames.OPEN, SPLIT_BEFORE_KEY_MAP_RENAME),
    RECOVERY_OLD_MANIFEST_DELETED(Moment.AFTER, "delete", Names.MANIFEST, Frames.OPEN, SPLIT_AFTER_KEY_MAP_RENAME),
    RECOVERY_OLD_SEGMENT_DELETED(Moment.AFTER, "delete", Names.SEGMENT, Frames.OPEN, MERGE_AFTER_KEY_MAP_RENAME),
    RECOVERY_RUN_DELETED(Moment.AFTER, "delete", Names.RUN, Frames.ORPHANS, FLUSH_RUN_FORCED),
    RECOVERY_TEMPORARY_DELETED(
            Moment.AFTER, "delete", Names.MANIFEST_TEMPORARY, Frames.ORPHANS, FLUSH_BEFORE_MANIFEST_RENAME),
    RECOVERY_FLUSH_RUN_FORCED(Moment.AFTER, "force", Names.RUN, Frames.RECOVERY_FLUSH, FLUSH_AFTER_MANIFEST_RENAME),
    RECOVERY_FLUSH_MANIFEST_RENAMED(
            Moment.AFTER, "rename", Names.MANIFEST, Frames.RECOVERY_FLUSH, COMPACTION_RUN_CREATED),
    RECOVERY_LOG_FORCED(Moment.AFTER, "force", Names.LOG_FILE, Frames.LOG_OPEN, LOG_BEFORE_LENGTH),
    RECOVERY_LOG_FILE_CREATED(Moment.AFTER, "createWritable", Names.LOG_FILE, Frames.LOG_OPEN, LOG_BODY_WRITTEN),
    RECOVERY_LOG_STARTED(Moment.AFTER, "put", Names.LOG_FILE, Frames.RECOVERY_LOG_START, LOG_RECORD_WRITTEN),
    RECOVERY_LOG_DISCARDED(Moment.AFTER, "delete", Names.LOG_FILE, Frames.LOG_OPEN, LOG_FILE_NAMED),
    RECOVERY_MARK_WRITTEN(Moment.AFTER, "putIntRelease", Names.LOG_FILE, Frames.RECOVERY_MARK, LOG_STARTED);

    /** On which side of the call. */
    enum Moment {
        BEFORE,
        AFTER
    }

    /** Paths below the store's directory. */
    private static final class Names {
        static final String CATALOG = "catalog";
        static final String OWNER = "owner";
        static final String LOG = "log";
        static final String LOG_FILE = "log/log-\\d+";
        static final String INDEX = "index-\\d+";
        static final String KEY_MAP = INDEX + "/key-map";
        static final String KEY_MAP_TEMPORARY = KEY_MAP + "\\.tmp";
        static final String SEGMENT_IDS = INDEX + "/segment-ids";
        static final String SEGMENT = INDEX + "/segment-\\d+";
        static final String SEGMENT_LOCK = SEGMENT + "/lock";
        static final String MANIFEST = SEGMENT + "/manifest";
        static final String MANIFEST_TEMPORARY = MANIFEST + "\\.tmp";
        static final String RUN = SEGMENT + "/run-\\d+\\.run";
    }

    /** What is under way: methods, all of which are on the stack. */
    private static final class Frames {
        static final List<String> FLUSH = List.of("Segment.flush");
        static final List<String> COMPACTION = List.of("Segment.mergeNewest");
        static final List<String> RUN_RELEASE = List.of("CleanUps.run");
        static final List<String> SPLIT = List.of("SegmentSplitter.splitIfTooLarge");
        static final List<String> MERGE = List.of("SegmentSplitter.mergeIfSmall");
        static final List<String> CREATE = List.of("IndexSet.create");
        static final List<String> DROP = List.of("IndexSet.drop");
        static final List<String> APPEND = List.of("WriteAheadLog.publish");
        static final List<String> LOG_FILE = List.of("LogFileFactory.create");
        static final List<String> LOG_START = List.of("LogFile.start");
        static final List<String> LOG_RELEASE = List.of("WriteAheadLog.release");
        static final List<String> OPEN = List.of("StoreOpening.open");
        static final List<String> ORPHANS = List.of("StoreOpening.open", "SegmentDirectory.deleteAllBut");
        static final List<String> RECOVERY_FLUSH = List.of("StoreOpening.open", "Segment.flush");
        static final List<String> LOG_OPEN = List.of("StoreOpening.open", "WriteAheadLog.open");
        static final List<String> RECOVERY_LOG_START = List.of("WriteAheadLog.open", "LogFile.start");
        static final List<String> RECOVERY_MARK = List.of("StoreOpening.open", "WriteAheadLog.appendSequenceMark");
    }

    private final Moment moment;
    private final String call;
    private final Pattern name;

    @SuppressWarnings("ImmutableEnumChecker") // all are made by List.of
    private final List<String> frames;

    private final KillPoint prepared;

    KillPoint(Moment moment, String call, String name, List<String> frames) {
        this(moment, call, name, frames, null);
    }

    /** @param prepared where a kill leaves what this point of recovery needs; null for a point of a running store */
    KillPoint(Moment moment, String call, String name, List<String> frames, KillPoint prepared) {
        this.moment = moment;
        this.call = call;
        this.name = Pattern.compile(name);
        this.frames = frames;
        this.prepared = prepared;
    }

    /** The point that leaves what this one needs, or null when this one is not of recovery. */
    KillPoint prepared() {
        return prepared;
    }

    /** Whether the replay must flush to meet it. */
    boolean isOfRecoveryFlush() {
        return frames.equals(Frames.RECOVERY_FLUSH);
    }

    /** Whether a call of the storage is at this point. */
    boolean isMetBy(Moment at, String calling, Path below) {
        return at == moment
                && call.equals(calling)
                && name.matcher(below.toString()).matches()
                && isUnderWay();
    }

    private boolean isUnderWay() {
        List<String> stack = StackWalker.getInstance()
                .walk(found -> found.map(KillPoint::shown).toList());
        boolean recovering = stack.contains(Frames.OPEN.get(0));
        return recovering == (prepared != null) && stack.containsAll(frames);
    }

    private static String shown(StackFrame frame) {
        String type = frame.getClassName();
        return type.substring(type.lastIndexOf('.') + 1) + "." + frame.getMethodName();
    }
}
