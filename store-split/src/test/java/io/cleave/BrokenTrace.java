package io.cleave;

import io.cleave.ProtocolTrace.Event;
import io.cleave.ProtocolTrace.Kind;
import io.cleave.log.LogFileBytes;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** Ways to make a trace that obeys all {@link OrderingRules} into one that breaks a certain one. */
@SuppressWarnings("ImmutableEnumChecker") // The changes are method references that keep nothing.
enum BrokenTrace {
    RUN_NOT_FORCED(1, BrokenTrace::withoutForceOfRun),
    LOG_IDENTITY_NOT_FORCED(1, BrokenTrace::withoutForceOfIdentity),
    DIRECTORY_OF_RUN_NOT_FORCED(2, BrokenTrace::withoutDirectoryOfRun),
    DIRECTORY_OF_LOG_NOT_FORCED(2, BrokenTrace::withoutDirectoryOfLog),
    PARENT_OF_SEGMENT_NOT_FORCED(3, events -> withoutForceBefore(events, "index-00001", "key-map")),
    PARENT_OF_INDEX_NOT_FORCED(3, BrokenTrace::withoutParentOfIndex),
    TEMPORARY_NOT_FORCED(4, events -> without(events, first(events, 0, Kind.FORCE, "catalog.tmp"))),
    RENAME_NOT_FORCED(4, events -> without(events, first(events, 0, Kind.RENAME, "manifest.tmp") + 1)),
    WRITTEN_IN_PLACE(4, BrokenTrace::writtenInPlace),
    RUN_UNLINKED_BEFORE_PUBLISH(5, events -> deletedBefore(events, ".run", "manifest.tmp")),
    SEGMENT_UNLINKED_BEFORE_PUBLISH(5, BrokenTrace::segmentUnlinkedFirst),
    INDEX_UNLINKED_BEFORE_DROP(5, BrokenTrace::indexUnlinkedFirst),
    LOG_UNLINKED_BEFORE_PUBLISH(5, BrokenTrace::logUnlinkedFirst),
    ACKNOWLEDGED_WITHOUT_FORCE(6, BrokenTrace::withoutForceOfAcknowledged),
    ACKNOWLEDGED_BEFORE_FORCE(6, BrokenTrace::acknowledgedFirst),
    SUCCESSOR_FORCED_FIRST(7, BrokenTrace::successorForcedFirst),
    RELEASES_SWAPPED(7, BrokenTrace::releasesSwapped),
    SEGMENT_ID_WITHOUT_MARK(8, events -> withoutPublish(events, "segment-ids")),
    INDEX_ID_WITHOUT_MARK(8, BrokenTrace::withoutIndexMark);

    private final int rule;
    private final UnaryOperator<List<Event>> change;

    BrokenTrace(int rule, UnaryOperator<List<Event>> change) {
        this.rule = rule;
        this.change = change;
    }

    /** The rule that must refuse it. */
    int rule() {
        return rule;
    }

    /** A changed copy. */
    List<Event> of(List<Event> events) {
        return change.apply(events);
    }

    private static int first(List<Event> events, int from, Predicate<Event> wanted) {
        for (int i = from; i < events.size(); i++) {
            if (wanted.test(events.get(i))) {
                return i;
            }
        }
        throw new AssertionError("the trace holds no such event from " + from + " on");
    }

    private static int first(List<Event> events, int from, Kind kind, String ending) {
        return first(events, from, event -> is(event, kind, ending));
    }

    private static int last(List<Event> events, int before, Predicate<Event> wanted) {
        for (int i = before - 1; i >= 0; i--) {
            if (wanted.test(events.get(i))) {
                return i;
            }
        }
        throw new AssertionError("the trace holds no such event before " + before);
    }

    private static boolean is(Event event, Kind kind, String ending) {
        return event.kind() == kind && event.path().toString().endsWith(ending);
    }

    private static boolean isLog(Event event, Kind kind) {
        return event.kind() == kind && LogFileBytes.number(event.path()).isPresent();
    }

    private static List<Event> without(List<Event> events, int at) {
        List<Event> result = new ArrayList<>(events);
        result.remove(at);
        return result;
    }

    private static List<Event> moved(List<Event> events, int from, int to) {
        List<Event> result = new ArrayList<>(events);
        result.add(to, result.remove(from));
        return result;
    }

    private static List<Event> withoutForceOfRun(List<Event> events) {
        return without(events, first(events, 0, Kind.FORCE, ".run"));
    }

    private static List<Event> withoutForceOfIdentity(List<Event> events) {
        return without(events, first(events, 0, event -> isLog(event, Kind.FORCE_RANGE) && event.offset() == 0));
    }

    private static List<Event> withoutDirectoryOfRun(List<Event> events) {
        int run = first(events, 0, Kind.FORCE, ".run");
        return without(events, first(events, run, event -> event.kind() == Kind.FORCE_DIRECTORY));
    }

    private static List<Event> withoutDirectoryOfLog(List<Event> events) {
        int made = first(events, 0, event -> isLog(event, Kind.CREATE_WRITABLE));
        return without(events, first(events, made, Kind.FORCE_DIRECTORY, "log"));
    }

    private static List<Event> withoutForceBefore(List<Event> events, String directory, String renamed) {
        int publish = first(events, 0, Kind.RENAME, renamed + ".tmp");
        return without(events, last(events, publish, event -> is(event, Kind.FORCE_DIRECTORY, directory)));
    }

    private static List<Event> withoutParentOfIndex(List<Event> events) {
        int map = first(events, 0, Kind.RENAME, "key-map.tmp");
        int publish = first(events, map, Kind.RENAME, "catalog.tmp");
        return without(events, last(events, publish, event -> is(event, Kind.FORCE_DIRECTORY, "store")));
    }

    private static List<Event> writtenInPlace(List<Event> events) {
        List<Event> result = new ArrayList<>();
        for (Event event : events) {
            boolean temporary = event.path() != null && event.path().toString().endsWith("key-map.tmp");
            if (!temporary) {
                result.add(event);
            } else if (event.kind() != Kind.RENAME) {
                Path path = event.path().resolveSibling("key-map");
                result.add(new Event(
                        event.kind(), event.thread(), path, null, event.offset(), event.length(), event.bytes()));
            }
        }
        return result;
    }

    /** Moves the first deletion of a kind to before the last publish in the same directory. */
    private static List<Event> deletedBefore(List<Event> events, String deleted, String published) {
        int deletion = first(
                events,
                0,
                event -> is(event, Kind.DELETE, deleted)
                        && events.stream()
                                        .filter(other -> is(
                                                other,
                                                Kind.DELETE,
                                                event.path().getParent().toString()))
                                        .count()
                                == 0);
        Path directory = events.get(deletion).path().getParent();
        int publish = last(
                events,
                deletion,
                event -> is(event, Kind.RENAME, published)
                        && event.path().getParent().equals(directory));
        return moved(events, deletion, publish);
    }

    private static List<Event> segmentUnlinkedFirst(List<Event> events) {
        int deletion = first(events, 0, event -> is(event, Kind.DELETE, "/manifest"));
        int publish = last(events, deletion, event -> is(event, Kind.RENAME, "key-map.tmp"));
        return moved(events, deletion, publish);
    }

    private static List<Event> indexUnlinkedFirst(List<Event> events) {
        int deletion = first(events, 0, event -> is(event, Kind.DELETE, "/key-map"));
        int publish = last(events, deletion, event -> is(event, Kind.RENAME, "catalog.tmp"));
        return moved(events, deletion, publish);
    }

    private static List<Event> logUnlinkedFirst(List<Event> events) {
        int deletion = first(events, 0, event -> isLog(event, Kind.DELETE));
        Path file = events.get(deletion).path();
        int full = first(
                events,
                0,
                event -> isLog(event, Kind.CREATE_WRITABLE)
                        && LogFileBytes.number(event.path()).getAsLong()
                                == LogFileBytes.number(file).getAsLong() + 1);
        int started = first(
                events,
                full,
                event -> isLog(event, Kind.PUT)
                        && event.offset() == LogFileBytes.CHAIN_AT
                        && !event.path().equals(file));
        int forced = first(
                events,
                started,
                event -> isLog(event, Kind.FORCE_RANGE)
                        && event.path().equals(events.get(started).path()));
        return moved(events, deletion, forced + 1);
    }

    private static List<Event> withoutForceOfAcknowledged(List<Event> events) {
        int acknowledged = first(events, 0, event -> event.kind() == Kind.ACKNOWLEDGE_DEVICE);
        return without(events, last(events, acknowledged, event -> isLog(event, Kind.FORCE_RANGE)));
    }

    private static List<Event> acknowledgedFirst(List<Event> events) {
        int acknowledged = first(events, 0, event -> event.kind() == Kind.ACKNOWLEDGE_DEVICE);
        return moved(events, acknowledged, last(events, acknowledged, event -> isLog(event, Kind.FORCE_RANGE)));
    }

    /** Two forces one after the other, of a file and of the next one, change places. */
    private static List<Event> successorForcedFirst(List<Event> events) {
        int second = first(events, 1, event -> {
            int at = events.indexOf(event);
            return at > 0
                    && isLog(event, Kind.FORCE_RANGE)
                    && event.length() > LogFileBytes.CHAIN_AT
                    && isLog(events.get(at - 1), Kind.FORCE_RANGE)
                    && !events.get(at - 1).path().equals(event.path());
        });
        return moved(events, second, second - 1);
    }

    /** Of two files released one after the other the second goes first. */
    private static List<Event> releasesSwapped(List<Event> events) {
        int second = first(events, 2, event -> {
            int at = events.indexOf(event);
            return at > 1
                    && isLog(event, Kind.DELETE)
                    && isLog(events.get(at - 2), Kind.DELETE)
                    && events.get(at - 1).kind() == Kind.FORCE_DIRECTORY;
        });
        return moved(events, second, second - 2);
    }

    /** Without the first publish of a file, from its temporary file to the force of its directory. */
    private static List<Event> withoutPublish(List<Event> events, String name) {
        int begin = first(events, 0, Kind.CREATE, name + ".tmp");
        int end = first(events, begin, event -> event.kind() == Kind.FORCE_DIRECTORY);
        List<Event> result = new ArrayList<>(events);
        result.subList(begin, end + 1).clear();
        return result;
    }

    private static List<Event> withoutIndexMark(List<Event> events) {
        int made = first(events, 0, Kind.CREATE_DIRECTORY, "index-00001");
        int begin = last(events, made, event -> is(event, Kind.CREATE, "catalog.tmp"));
        int end = first(events, begin, event -> event.kind() == Kind.FORCE_DIRECTORY);
        List<Event> result = new ArrayList<>(events);
        result.subList(begin, end + 1).clear();
        return result;
    }
}
