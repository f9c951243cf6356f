package io.cleave.tools;

import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Numbers as people read them. Stateless, thread-safe. */
final class Figures {
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};

    private Figures() {}

    /** 1,234,567. */
    static String count(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    /** 12.3 MiB. */
    static String bytes(long value) {
        double scaled = value;
        int unit = 0;
        while (scaled >= 1024 && unit < UNITS.length - 1) {
            scaled /= 1024;
            unit++;
        }
        return unit == 0 ? value + " B" : String.format(Locale.ROOT, "%.1f %s", scaled, UNITS[unit]);
    }

    /** 1 run, 2 runs, 2 entries, 2 indexes. */
    static String plural(long count, String what) {
        if (count == 1) {
            return "1 " + what;
        }
        String stem = what.endsWith("y") ? what.substring(0, what.length() - 1) + "ie" : what;
        return count(count) + " " + stem + (what.endsWith("x") ? "es" : "s");
    }

    /** How long ago, in the largest unit that is not 0: 3 hours ago. */
    static String age(long millis) {
        long minutes = TimeUnit.MILLISECONDS.toMinutes(millis);
        if (minutes < 1) {
            return "less than a minute ago";
        }
        long hours = minutes / 60;
        return (hours < 1 ? plural(minutes, "minute") : hours < 24 ? plural(hours, "hour") : plural(hours / 24, "day"))
                + " ago";
    }

    /** 1.23 s. */
    static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.2f s", nanos / 1e9);
    }

    /** How many a second; 0 when no time has passed. */
    static double perSecond(long amount, long nanos) {
        return nanos <= 0 ? 0 : (double) amount * 1e9 / nanos;
    }

    /** 123.4 MB/s, a megabyte being 1,000,000 bytes. */
    static String rate(long bytes, long nanos) {
        return String.format(Locale.ROOT, "%.1f MB/s", perSecond(bytes, nanos) / 1e6);
    }
}
